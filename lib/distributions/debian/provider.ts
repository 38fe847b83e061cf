import { lstatSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BuildContext } from '../../build';
import { removeTraces } from '../../root/traces';
import type { PackageProvider } from '../provider';
import { type Apt, openApt } from './apt';
import { fetchPackages, makeRepository, newestBuild } from './archives';
import { resolvePackages } from './resolve';

/**
 * Debian's packages, by mmdebstrap(1): apt's solver chooses them from the host's own sources, the files come into a
 * download cache, and mmdebstrap installs from a local repository that holds just these. So the same list of packages
 * makes the same root, with or without a network.
 */
export const debian: PackageProvider = {
  distribution: 'debian',
  version: 2,
  tools: ['mmdebstrap', 'dpkg'],
  settings: () => ({}),

  resolve: (context, keep) => {
    const { packages } = context.config;
    return resolvePackages(aptOf(context), { packages, essential: true }, context, keep);
  },

  wanted: () => [],

  download: async (packages, context) => {
    const apt = aptOf(context);
    await fetchPackages(apt, packages, context);
    return newestBuild(apt, packages);
  },

  install: async (packages, root, sandbox, context) => {
    const apt = aptOf(context);
    const repository = join(context.tmp, 'repository');
    makeRepository(apt, packages, repository);
    const names = packages.map(({ name }) => name);
    let steps = 0;
    await sandbox.run(
      'mmdebstrap',
      [
        '--mode=root',
        '--variant=essential',
        '--format=directory',
        // The root is the (empty) mount point of the layer; its /dev gets what devtmpfs will cover anyway.
        '--skip=check/empty,check/qemu,output/dev,cleanup/reproducible',
        `--architectures=${apt.architecture}`,
        '--aptopt=APT::Install-Recommends "false"',
        '--dpkgopt=force-unsafe-io',
        `--include=${names.join(',')}`,
        apt.codename,
        root,
        // copy: and not file:, for which the repository would have to be mounted in the root, under its path.
        `deb [trusted=yes] copy:${repository} ./`,
      ],
      {
        env: {
          SOURCE_DATE_EPOCH: String(context.epoch),
          TMPDIR: context.tmp,
          LC_ALL: 'C.UTF-8',
          APT_CONFIG: undefined,
        },
        onLine: (line) => {
          const now = /^(Unpacking|Setting up) (\S+)/.exec(line);
          if (now !== null) context.progress(++steps, names.length * 2, `${now[1]?.toLowerCase()} ${now[2]}`);
        },
      },
    );
    forgetTheBuild(sandbox.path(root));
  },

  lists: (context) => aptOf(context).folder,

  refresh: (context) => aptOf(context).refresh(context),
};

/** The private apt of a configuration. */
export function aptOf({ config, cache }: Pick<BuildContext, 'config' | 'cache'>): Apt {
  return openApt({ release: config.release, mirror: config.mirror }, cache);
}

/** What tells of the machine that built it. */
const REMOVED = [
  'etc/hostname',
  'etc/resolv.conf',
  'etc/apt/sources.list',
  'var/lib/dbus/machine-id',
  'var/lib/systemd/random-seed',
  'var/lib/apt/extended_states',
];
const EMPTIED = [
  'etc/apt/sources.list.d',
  'var/cache/apt',
  'var/lib/apt/lists',
  'var/log',
  'run',
  'tmp',
  'dev',
];
const HOST_KEYS = /^ssh_host_.*key(\.pub)?$/;

function forgetTheBuild(root: string): void {
  removeTraces(root);
  for (const path of REMOVED) rmSync(join(root, path), { force: true });
  for (const folder of EMPTIED) emptyFolder(join(root, folder));
  for (const name of namesIn(join(root, 'etc/ssh')))
    if (HOST_KEYS.test(name)) rmSync(join(root, 'etc/ssh', name));
  // Empty, not absent: systemd makes an id for the time until the next boot (machine-id(5)).
  writeFileSync(join(root, 'etc/machine-id'), '', { mode: 0o444 });
}

/** Keeps folders (packages rely on theirs under /var/log), drops what was written into them. */
function emptyFolder(folder: string): void {
  for (const name of namesIn(folder)) {
    const path = join(folder, name);
    if (folder.endsWith('/var/log') && lstatSync(path).isDirectory()) emptyFolder(path);
    else if (folder.endsWith('/var/log') && /^(btmp|wtmp|lastlog|faillog)$/.test(name)) truncateSync(path);
    else rmSync(path, { recursive: true, force: true });
  }
}

function namesIn(folder: string): string[] {
  return lstatSync(folder, { throwIfNoEntry: false })?.isDirectory() ? readdirSync(folder) : [];
}

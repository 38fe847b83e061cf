import { lstatSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BuildRun } from '../../build';
import { removeTraces } from '../../root/traces';
import type { Sandbox } from '../../system/sandbox';
import type { ResolvedPackage } from '../package';
import type { Apt } from './apt';
import { makeRepository } from './archives';

/** Installs downloaded packages into an empty root with mmdebstrap(1), from a repository that holds just these. */
export async function installPackages(
  apt: Apt,
  packages: readonly ResolvedPackage[],
  root: string,
  sandbox: Sandbox,
  context: BuildRun<string> & { epoch: number },
): Promise<void> {
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
      // The root is the empty mount point of the layer; devtmpfs covers its /dev at boot.
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
}

/** Backups, caches and logs with times in them, which dpkg, debconf and apt leave behind. */
export const TRACES: readonly string[] = [
  'var/cache/debconf/config.dat-old',
  'var/cache/debconf/passwords.dat-old',
  'var/cache/debconf/templates.dat-old',
  'var/lib/dpkg/status-old',
  'var/lib/dpkg/available-old',
  'var/lib/dpkg/diversions-old',
  'var/lib/dpkg/statoverride-old',
  'var/log/alternatives.log',
  'var/log/apt/history.log',
  'var/log/apt/term.log',
  'var/log/dpkg.log',
];
/** What identifies the build host. */
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
  removeTraces(root, TRACES);
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

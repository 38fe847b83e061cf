import { lstatSync, readdirSync, rmSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import type { BuildRun } from '../../build';
import type { Json } from '../../json';
import { entryInRoot } from '../../root/path';
import { emptyInRoot, forgetMachine, removeTraces } from '../../root/traces';
import { link, type Placed, place } from '../../root/tree';
import { confined, mountKernelFilesystems } from '../../system/chroot';
import { withPlainPaths } from '../../system/plain-paths';
import type { Sandbox } from '../../system/sandbox';
import type { ResolvedPackage } from '../package';
import type { Apt } from './apt';
import { makeRepository } from './archives';
import { TRACES } from './traces';

// mmdebstrap runs without the capability to mount, so it asks for the mounts and waits for a line. Before this moment
// base-files cannot be unpacked onto them, afterwards the first package script runs.
const UNPACKED = 'dock0: the essential packages are unpacked';
const WAIT_FOR_MOUNTS = `echo '${UNPACKED}' && read -r answer`;

/**
 * Installs downloaded packages into an empty root with mmdebstrap(1), from a repository that holds just these. Package
 * scripts, and mmdebstrap itself, run confined.
 */
export async function installPackages(
  apt: Apt,
  packages: readonly ResolvedPackage[],
  root: string,
  sandbox: Sandbox,
  context: Pick<BuildRun, 'tmp' | 'progress'> & { epoch: number; settings: { [key: string]: Json } },
): Promise<void> {
  const repository = join(context.tmp, 'repository');
  makeRepository(apt, packages, repository);
  const names = packages.map(({ name }) => name);
  if (names.includes('usr-is-merged')) place(sandbox.path(root), mergedUsr(apt.architecture));
  const exclude = (context.settings.exclude ?? []) as string[];
  await withPlainPaths(sandbox, { root, repository }, async (plain) => {
    const [program = '', ...args] = confined(mmdebstrap(apt, names, exclude, plain));
    const answer = new PassThrough();
    let mounted = Promise.resolve();
    let steps = 0;
    const onLine = (line: string): void => {
      if (line === UNPACKED && !answer.writableEnded) {
        mounted = mountKernelFilesystems(sandbox, plain.root);
        // Without a line, the hook fails.
        mounted.then(
          () => answer.end('\n'),
          () => answer.end(),
        );
      }
      const now = /^(Unpacking|Setting up) (\S+)/.exec(line);
      if (now !== null) context.progress(++steps, names.length * 2, `${now[1]?.toLowerCase()} ${now[2]}`);
    };
    const env = {
      SOURCE_DATE_EPOCH: String(context.epoch),
      LC_ALL: 'C.UTF-8',
      APT_CONFIG: undefined,
      // Killed, it leaves folders there; it does not hand the variable on to package scripts.
      TMPDIR: context.tmp,
    };
    try {
      await sandbox.run(program, args, { env, input: answer, onLine, foreign: true });
    } finally {
      await mounted;
    }
  });
  forgetTheBuild(sandbox.path(root));
}

function mmdebstrap(
  { architecture, codename }: Apt,
  names: readonly string[],
  exclude: readonly string[],
  { root, repository }: { root: string; repository: string },
): string[] {
  return [
    'mmdebstrap',
    '--mode=root',
    '--variant=essential',
    '--format=directory',
    // The root is the empty mount point of the layer; devtmpfs covers its /dev at boot.
    '--skip=check/empty,check/qemu,chroot/mount,output/dev,cleanup/reproducible',
    `--architectures=${architecture}`,
    '--aptopt=APT::Install-Recommends "false"',
    '--dpkgopt=force-unsafe-io',
    ...exclude.map((pattern) => `--dpkgopt=${pathOption(pattern)}`),
    `--extract-hook=${WAIT_FOR_MOUNTS}`,
    `--include=${names.join(',')}`,
    codename,
    root,
    // copy: and not file:, for which the repository would have to be mounted in the root, under its path.
    `deb [trusted=yes] copy:${repository} ./`,
  ];
}

/** The folders below /usr that the root has links to, which some releases expect and no package of theirs brings. */
function mergedUsr(architecture: string): Placed[] {
  const more = architecture === 'amd64' ? ['lib32', 'lib64', 'libx32'] : [];
  return ['bin', 'sbin', 'lib', ...more].flatMap((name): Placed[] => {
    const path = `usr/${name}`;
    return [{ path, source: path, kind: 'folder', mode: 0o755 }, link(name, path)];
  });
}

/** dpkg's option for a pattern (dpkg(1), --path-exclude); it stays in the image, for whoever installs more there. */
function pathOption(pattern: string): string {
  return pattern.startsWith('!') ? `path-include=${pattern.slice(1)}` : `path-exclude=${pattern}`;
}

/** What identifies the build host. */
const REMOVED = [
  'etc/hostname',
  'etc/resolv.conf',
  'etc/apt/sources.list',
  'var/lib/dbus/machine-id',
  'var/lib/systemd/random-seed',
  'var/lib/apt/extended_states',
];
const EMPTIED = ['etc/apt/sources.list.d', 'var/cache/apt', 'var/lib/apt/lists', 'run', 'tmp', 'dev'];
const LOGS = 'var/log';
const ACCOUNTING = /^(btmp|wtmp|lastlog|faillog)$/;

/** Removes from a freshly installed root what would make two builds of the same packages differ. */
export function forgetTheBuild(root: string): void {
  removeTraces(root, TRACES);
  forgetMachine(root, REMOVED, EMPTIED);
  emptyLogs(root);
}

/** Keeps the folders and login records, which packages rely on, without what was written into them. */
function emptyLogs(root: string): void {
  const logs = entryInRoot(root, LOGS);
  if (logs === undefined || !lstatSync(logs).isDirectory()) return;
  for (const name of readdirSync(logs)) {
    const path = join(logs, name);
    const stat = lstatSync(path);
    if (stat.isDirectory()) emptyInRoot(root, `${LOGS}/${name}`);
    else if (stat.isFile() && ACCOUNTING.test(name)) truncateSync(path);
    else rmSync(path);
  }
}

import { realpathSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { findTool } from '../system/find-tool';
import type { RunOptions, RunResult } from '../system/process';
import { hiddenPrograms } from './programs';
import type { Work } from './work';
import type { Workshop } from './workshop';

/** Compilers give way to what else the build does, such as installing packages. */
const NICE = 10;

/**
 * Runs make for a source, objects apart (Documentation/kbuild/kbuild.rst). All of make's processes live in a PID
 * namespace of their own and end with this process, however it ends; a lock that each of them holds keeps the next
 * make out until the last one is gone.
 *
 * @throws CommandError when make fails
 */
export function make(
  shop: Workshop,
  args: readonly string[],
  work: Pick<Work, 'run'>,
  options: RunOptions = {},
): Promise<RunResult> {
  const lock = ['--no-fork', '--exclusive', `${shop.objects}.lock`];
  const namespace = [
    '--pid',
    '--fork',
    '--kill-child',
    '--mount-proc',
    ...(process.getuid?.() === 0 ? [] : AS_USER),
  ];
  const command = ['make', '--directory', shop.tree.path, `O=${shop.objects}`, ...variables(shop), ...args];
  const inside = ['unshare', ...namespace, '--', ...command];
  return work.run('flock', [...lock, ...inside], {
    nice: NICE,
    ...options,
    env: { ...environment(shop), ...options.env },
  });
}

const AS_USER = ['--user', '--map-root-user'];

/** As many jobs as `kernel.make.jobs` says, or one for each core. */
export function jobFlag({ jobs }: Pick<Workshop, 'jobs'>): string {
  return `--jobs=${jobs === 'auto' ? availableParallelism() : jobs}`;
}

/** The command before the compiler; undefined for none. */
export function launcherOf(stated: string): string | undefined {
  if (stated !== 'auto') return stated === 'none' ? undefined : stated;
  return findTool('ccache') === undefined ? undefined : 'ccache';
}

/** The folder of ccache's own, unless the user has one. */
export function ccacheFolder(cache: string): string {
  return process.env.CCACHE_DIR ?? join(cache, 'ccache');
}

function variables({ tree, objects, launcher, programs }: Workshop): string[] {
  const start = launcherOf(launcher);
  // The kernel must not show where its source and objects were; kbuild follows links to them.
  const places = [tree.path, objects].flatMap((path) => [path, realpathSync(path)]);
  const maps = [...new Set(places)].map((path) => `-ffile-prefix-map=${path}/=`).join(' ');
  return [
    ...(start === undefined ? [] : [`CC=${start} gcc`]),
    `KCFLAGS=${maps}`,
    `KAFLAGS=${maps}`,
    // Set but empty: no `+` for a source under version control.
    'LOCALVERSION=',
    // The indexes are made once, after the modules are where they belong.
    'DEPMOD=true',
    ...hiddenPrograms(programs),
  ];
}

/**
 * What of this process's environment make may see: where programs are, what the launchers and menuconfig read.
 * Everything else could change what is made: CPATH, LLVM, KCPPFLAGS, XZ_OPT and many more.
 */
const PASSED_ON =
  /^(?:PATH|HOME|USER|LOGNAME|TMPDIR|SSH_AUTH_SOCK|(?:CCACHE|SCCACHE|DISTCC|ICECC)_\w+|TERM|TERMINFO|COLORTERM|MENUCONFIG_\w+)$/;

/** ccache would take these for the compiler that make names. */
const OTHER_COMPILER = /^CCACHE_COMPILER/;

/** The environment of make. */
function environment({ epoch, cache, tree }: Workshop): Record<string, string | undefined> {
  const passed = Object.entries(process.env).filter(
    ([name]) => PASSED_ON.test(name) && !OTHER_COMPILER.test(name),
  );
  return {
    ...Object.fromEntries(passed),
    LC_ALL: 'C',
    TZ: 'UTC',
    KBUILD_BUILD_TIMESTAMP: new Date(epoch * 1000).toUTCString(),
    KBUILD_BUILD_USER: 'dock0',
    KBUILD_BUILD_HOST: 'dock0',
    KBUILD_BUILD_VERSION: '1',
    SOURCE_DATE_EPOCH: String(epoch),
    CCACHE_DIR: ccacheFolder(cache),
    CCACHE_BASEDIR: commonFolder(tree.path, cache),
    CCACHE_NOHASHDIR: '1',
    CCACHE_MAXSIZE: process.env.CCACHE_MAXSIZE ?? '2G',
  };
}

/** ccache takes paths below its base folder for relative: the source's, where that lies outside of the cache. */
function commonFolder(source: string, cache: string): string {
  return source.startsWith(`${cache}/`) ? cache : dirname(source);
}

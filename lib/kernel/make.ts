import { availableParallelism } from 'node:os';
import { atFixedPaths, fixedPath, withRealPaths } from '../system/fixed-paths';
import type { RunOptions, RunResult } from '../system/process';
import { launcherEnvironment, launcherFolders, launcherOf } from './launcher';
import { hiddenPrograms } from './programs';
import type { Work } from './work';
import type { Workshop } from './workshop';

/** Compilers give way to what else the build does, such as installing packages. */
const NICE = 10;

const SOURCE = fixedPath('source');
const OBJECTS = fixedPath('objects');

/** The kernel does not show where its source and objects were. */
const MAPS = [SOURCE, OBJECTS].map((path) => `-ffile-prefix-map=${path}/=`).join(' ');

/** Where make finds the folder that is handed to a single call of it. */
export const HANDED = fixedPath('work');

interface MakeOptions extends RunOptions {
  /** The folder at `HANDED`. */
  handed?: string;
}

/**
 * Runs make for a source, objects apart (Documentation/kbuild/kbuild.rst). All of make's processes live in a PID
 * namespace of their own and end with this process, however it ends; a lock that each of them holds keeps the next
 * make out until the last one is gone. Kbuild takes no path with a blank or a colon and keeps the paths of all files
 * in the object tree, so make finds the folders at paths that are always the same.
 *
 * @throws CommandError when make fails
 */
export async function make(
  shop: Workshop,
  args: readonly string[],
  work: Pick<Work, 'run'>,
  { handed, ...options }: MakeOptions = {},
): Promise<RunResult> {
  const start = launcherOf(shop.launcher);
  const lock = ['--no-fork', '--exclusive', `${shop.objects}.lock`];
  const folders = {
    source: shop.tree.path,
    objects: shop.objects,
    ...launcherFolders(start, shop.cache),
    ...(handed === undefined ? {} : { work: handed }),
  };
  const command = ['make', '--directory', SOURCE, `O=${OBJECTS}`, ...variables(shop, start), ...args];
  return work.run('flock', [...lock, ...atFixedPaths(folders, command)], {
    nice: NICE,
    title: `make ${args.filter((word) => !/^-|=/.test(word)).join(' ')}`,
    reword: withRealPaths(folders),
    ...options,
    env: { ...environment(shop), ...(await launcherEnvironment(start)), ...options.env },
  });
}

/** As many jobs as `kernel.make.jobs` says, or one for each core. */
export function jobFlag({ jobs }: Pick<Workshop, 'jobs'>): string {
  return `--jobs=${jobs === 'auto' ? availableParallelism() : jobs}`;
}

function variables({ programs }: Workshop, start: string | undefined): string[] {
  return [
    ...(start === undefined ? [] : [`CC=${start} gcc`]),
    `KCFLAGS=${MAPS}`,
    `KAFLAGS=${MAPS}`,
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
function environment({ epoch }: Workshop): Record<string, string | undefined> {
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
  };
}

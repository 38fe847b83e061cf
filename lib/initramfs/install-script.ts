import { readFileSync } from 'node:fs';
import { Dock0Error } from '../error';
import { CommandError } from '../system/process';
import { runReadOnly } from '../system/read-only';
import type { Runner } from '../system/sandbox';
import { type Addition, additionsOf } from './additions';
import type { Hook } from './hooks';

/** All that a hook's install script asked for. */
export interface Installed {
  additions: Addition[];
  /** Modules that the kernel must have, as a module or built in. */
  modules: string[];
  /** Modules that are added if the kernel has them (`add_module name?`). */
  optionalModules: string[];
}

export interface InstallContext {
  run: Runner;
  /** The tree that add_binary takes programs and libraries from: `/` is this machine. */
  root: string;
  /** The kernel's release, for scripts that ask; undefined while it is not known. */
  kernelVersion?: string | undefined;
}

// What an install script calls. Each call is printed as the number of its words and the words, each followed by NUL; the
// script's own output goes to standard error and so to the log. The script's path is the first argument.
const PRELUDE = `
set -e
exec 3>&1 1>&2
dock0_record() { printf '%s\\0' "$#" "$@" >&3; }
add_binary() { dock0_record binary "$@"; }
add_file() { dock0_record file "$@"; }
add_dir() { dock0_record dir "$@"; }
add_full_dir() { dock0_record full_dir "$@"; }
add_symlink() { dock0_record symlink "$@"; }
add_module() { dock0_record module "$@"; }
add_runscript() { :; }
build() { :; }
. "$1"
build
`;

/**
 * Runs a hook's install script (POSIX sh, at build time, where it can change nothing) and reads what it adds. The
 * functions are mkinitcpio's:
 *
 * - `add_binary PROGRAM [PATH [MODE]]`: with its dynamic linker and libraries; a bare name is looked up as a command
 * - `add_file FILE [PATH [MODE]]`
 * - `add_dir PATH [MODE]`: an empty folder
 * - `add_full_dir FOLDER [PATTERN [PREFIX]]`: a folder and everything in it, or only the files and links whose path
 *   matches PATTERN; PREFIX is cut off their paths
 * - `add_symlink PATH [TARGET]`: without TARGET, the link as it is on this machine
 * - `add_module NAME…`: with its dependencies; `NAME?` is no error if it is missing (mkinitcpio takes one name a call)
 * - `add_runscript`: does nothing here, the hook's own script is always added
 *
 * A script that names `KERNELVERSION` finds the kernel's release in it. A relative file is one beside the script. The calls are made by the script itself, or by a function `build` that it
 * defines. Without PATH, or with an empty one, a file keeps its path on this machine; a PATH that ends in / is the
 * folder to put it in.
 *
 * @throws Dock0Error naming the script, when it fails or asks for something that is missing
 */
export async function runInstallScript(hook: Hook, context: InstallContext): Promise<Installed> {
  const installed: Installed = { additions: [], modules: [], optionalModules: [] };
  if (hook.install === undefined) return installed;
  const env = {
    KERNELVERSION: (asksForKernel(hook) && context.kernelVersion) || '',
    DOCK0_ROOT: context.root,
  };
  try {
    const command = ['sh', '-c', PRELUDE, 'sh', hook.install];
    const { stdout } = await runReadOnly(context.run, hook.folder, command, { env });
    for (const [what = '', ...words] of records(stdout)) {
      if (words[0] === undefined || words[0] === '') throw new Dock0Error(`add_${what} needs an argument`);
      if (what === 'module') addModules(words, installed);
      else installed.additions.push(...additionsOf(what, words, hook.folder, context.root));
    }
  } catch (error) {
    if (error instanceof CommandError) {
      throw new Dock0Error(`${hook.name}.install failed with exit code ${error.code}:\n${error.output}`, {
        cause: error,
      });
    }
    if (!(error instanceof Dock0Error)) throw error;
    throw new Dock0Error(`${hook.name}.install: ${error.message}`, { hint: error.hint, cause: error });
  }
  return installed;
}

/** Whether an install script names KERNELVERSION: no other one gets it, so what that adds is known before the kernel is. */
export function asksForKernel({ install }: Pick<Hook, 'install'>): boolean {
  return install !== undefined && readFileSync(install, 'utf8').includes('KERNELVERSION');
}

function records(stdout: string): string[][] {
  const fields = stdout.split('\0');
  const found: string[][] = [];
  for (let at = 0; at < fields.length - 1; ) {
    const count = Number(fields[at]);
    found.push(fields.slice(at + 1, at + 1 + count));
    at += 1 + count;
  }
  return found;
}

function addModules(names: string[], { modules, optionalModules }: Installed): void {
  for (const name of names) {
    if (name.endsWith('?')) optionalModules.push(name.slice(0, -1));
    else modules.push(name);
  }
}

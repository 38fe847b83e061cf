import { lstatSync, readdirSync, readlinkSync, statSync } from 'node:fs';
import { basename, isAbsolute, join } from 'node:path';
import { Dock0Error } from '../error';
import { CommandError, findTool } from '../system/process';
import type { Runner } from '../system/sandbox';
import { programFiles } from './elf';
import type { Hook } from './hooks';

/** Something a hook wants in the initramfs; paths in the initramfs are absolute. */
export type Addition =
  | { kind: 'file'; source: string; path: string; mode: number }
  | { kind: 'directory'; path: string; mode: number }
  | { kind: 'symlink'; path: string; target: string };

/** All that a hook's install script asked for. */
export interface Installed {
  additions: Addition[];
  /** Modules that have to be there or built in. */
  modules: string[];
  /** Modules that are taken when there are such (`add_module name?`). */
  optionalModules: string[];
}

export interface InstallContext {
  run: Runner;
  /** The tree that add_binary takes programs and libraries from: `/` is this machine. */
  root: string;
  /** The kernel's release, for scripts that ask; undefined while it is not known. */
  kernelVersion?: string | undefined;
}

// What an install script calls. Each call is printed as the number of its words and the words, all ended by NUL; the
// script's own output goes to standard error and so to the log. The script arrives as an argument.
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

const MODES = { file: 0o644, directory: 0o755, program: 0o755 };

/**
 * Runs a hook's install script (POSIX sh, at build time) and reads what it adds. The functions are mkinitcpio's:
 *
 * - `add_binary PROGRAM [PATH [MODE]]`: with its dynamic linker and libraries; a bare name is looked up as a command
 * - `add_file FILE [PATH [MODE]]`
 * - `add_dir PATH [MODE]`: an empty folder
 * - `add_full_dir FOLDER [PATTERN [PREFIX]]`: a folder with all it holds, or the files and links whose path is like
 *   PATTERN; PREFIX is cut off their paths
 * - `add_symlink PATH [TARGET]`: without TARGET as this machine has it
 * - `add_module NAME…`: with what it needs; `NAME?` is no error where there is none (mkinitcpio takes one a call)
 * - `add_runscript`: nothing to do here, the hook's own script is always added
 *
 * A relative file is one beside the script. Either the script calls them, or the function `build` that it defines.
 * Without PATH, or with an empty one, a file of the machine keeps its own; one that ends in / is a folder for it.
 *
 * @throws Dock0Error naming the script, when it fails or asks for what is not there
 */
export async function runInstallScript(hook: Hook, context: InstallContext): Promise<Installed> {
  const installed: Installed = { additions: [], modules: [], optionalModules: [] };
  if (hook.install === undefined) return installed;
  const env = { KERNELVERSION: context.kernelVersion ?? '', DOCK0_ROOT: context.root };
  try {
    const { stdout } = await context.run('sh', ['-c', PRELUDE, 'sh', hook.install], {
      cwd: hook.folder,
      env,
    });
    for (const words of records(stdout)) add(words, installed, hook, context);
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

function add(words: string[], installed: Installed, hook: Hook, { root }: InstallContext): void {
  const [what, first, second, third] = words;
  const { additions } = installed;
  if (first === undefined || first === '') throw new Dock0Error(`add_${what} needs an argument`);
  if (what === 'module') {
    for (const name of words.slice(1)) {
      if (name.endsWith('?')) installed.optionalModules.push(name.slice(0, -1));
      else installed.modules.push(name);
    }
  } else if (what === 'dir') {
    additions.push({ kind: 'directory', path: absolute(first), mode: octal(second, MODES.directory) });
  } else if (what === 'symlink') {
    additions.push({ kind: 'symlink', path: absolute(first), target: second ?? linkAt(first) });
  } else if (what === 'file') {
    additions.push(fileAt(besides(hook, first), targetOf(first, second), third));
  } else if (what === 'full_dir') {
    additions.push(...wholeFolder(besides(hook, first), targetOf(first, undefined), second, third));
  } else {
    additions.push(...programAt(first, second, third, hook, root));
  }
}

/** A relative file lies beside the script. */
function besides(hook: Hook, name: string): string {
  return isAbsolute(name) ? name : join(hook.folder, name);
}

function targetOf(name: string, path: string | undefined): string {
  if (path === undefined || path === '') return isAbsolute(name) ? name : `/${name}`;
  return path.endsWith('/') ? `${path}${basename(name)}` : path;
}

function linkAt(path: string): string {
  if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink()) return readlinkSync(path);
  throw new Dock0Error(`add_symlink ${path} does not say where it leads, and is no link here`);
}

function programAt(
  name: string,
  stated: string | undefined,
  mode: string | undefined,
  hook: Hook,
  root: string,
): Addition[] {
  const path = stated === undefined || stated === '' ? undefined : targetOf(name, stated);
  if (!isAbsolute(name) && name.includes('/'))
    return [fileAt(join(hook.folder, name), path ?? `/usr/bin/${name}`, mode ?? '755')];
  const program = isAbsolute(name) ? name : commandIn(root, name);
  if (program === undefined)
    throw new Dock0Error(`there is no command ${name}${root === '/' ? '' : ` in ${root}`}`);
  return programFiles(root, program).map((file) => ({
    kind: 'file',
    source: file.source,
    path: file.path === program ? absolute(path ?? program) : file.path,
    mode: file.path === program ? octal(mode, MODES.program) : MODES.program,
  }));
}

function commandIn(root: string, name: string): string | undefined {
  if (root === '/') return findTool(name);
  const folders = ['/usr/bin', '/usr/sbin', '/bin', '/sbin'];
  return folders
    .map((folder) => join(folder, name))
    .find((path) => statSync(join(root, path), { throwIfNoEntry: false }));
}

function fileAt(source: string, path: string, mode: string | undefined): Addition {
  const stat = statSync(source, { throwIfNoEntry: false });
  if (!stat?.isFile()) throw new Dock0Error(`there is no file ${source}`);
  return {
    kind: 'file',
    source,
    path: absolute(path),
    mode: octal(mode, (stat.mode & 0o111) === 0 ? MODES.file : MODES.program),
  };
}

function wholeFolder(source: string, path: string, pattern = '*', prefix = ''): Addition[] {
  if (!statSync(source, { throwIfNoEntry: false })?.isDirectory())
    throw new Dock0Error(`there is no folder ${source}`);
  const target = (name: string): string =>
    absolute(name.startsWith(prefix) ? name.slice(prefix.length) || '/' : name);
  const names = readdirSync(source).sort();
  const inside = names.flatMap((name): Addition[] => {
    const [from, to] = [join(source, name), join(path, name)];
    const stat = lstatSync(from);
    if (stat.isDirectory()) return wholeFolder(from, to, pattern, prefix);
    if (!like(to, pattern)) return [];
    if (stat.isSymbolicLink()) return [{ kind: 'symlink', path: target(to), target: readlinkSync(from) }];
    return [fileAt(from, target(to), undefined)];
  });
  const own = target(path);
  return own === '/' ? inside : [{ kind: 'directory', path: own, mode: MODES.directory }, ...inside];
}

/** Patterns as bash's `[[ … == … ]]` has them: `*` matches / too. */
function like(path: string, pattern: string): boolean {
  const source = pattern.replace(/\[!|[\\^$.|+(){}*?]/g, (character) => {
    if (character === '*') return '.*';
    if (character === '?') return '.';
    return character === '[!' ? '[^' : `\\${character}`;
  });
  return new RegExp(`^${source}$`, 's').test(path);
}

function absolute(path: string): string {
  if (!isAbsolute(path) || path.split('/').includes('..')) {
    throw new Dock0Error(`${path} is no path in the initramfs: it has to start with / and have no ..`);
  }
  return path;
}

function octal(mode: string | undefined, fallback: number): number {
  if (mode === undefined || mode === '') return fallback;
  if (!/^[0-7]{3,4}$/.test(mode)) throw new Dock0Error(`${mode} is no octal mode`);
  return Number.parseInt(mode, 8);
}

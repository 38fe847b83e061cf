import { lstatSync, readdirSync, readlinkSync, statSync } from 'node:fs';
import { basename, isAbsolute, join } from 'node:path';
import { Dock0Error } from '../error';
import { realInRoot } from '../root/path';
import { findTool } from '../system/find-tool';
import { programFiles, type Seen } from './elf';

/** Something a hook adds to the initramfs; paths in the initramfs are absolute. */
export type Addition =
  | { kind: 'file'; source: string; path: string; mode: number }
  | { kind: 'directory'; path: string; mode: number }
  | { kind: 'symlink'; path: string; target: string };

const MODES = { file: 0o644, directory: 0o755, program: 0o755 };

/**
 * What one call of an install script adds.
 *
 * @param what the function without `add_`: `binary`, `file`, `dir`, `full_dir` or `symlink`
 * @param words its arguments, at least one, as `runInstallScript` describes them
 * @param folder the folder of the script, for relative files
 * @param root the tree that programs and libraries are taken from
 * @throws Dock0Error for a file that is missing, and for a wrong path or mode
 */
export function additionsOf(what: string, words: string[], folder: string, root: string): Addition[] {
  const [first = '', second, third] = words;
  const beside = isAbsolute(first) ? first : join(folder, first);
  if (what === 'dir')
    return [{ kind: 'directory', path: absolute(first), mode: octal(second, MODES.directory) }];
  if (what === 'symlink')
    return [{ kind: 'symlink', path: absolute(first), target: second ?? linkAt(first) }];
  if (what === 'file') return [fileAt(beside, targetOf(first, second), third)];
  if (what === 'full_dir') return wholeFolder(beside, targetOf(first, undefined), second, third);
  return programAt(first, second, third, beside, root);
}

/** Programs of this machine with their dynamic linker and libraries; in the initramfs they are all in /usr/bin. */
export function programAdditions(names: readonly string[]): Extract<Addition, { kind: 'file' }>[] {
  const seen: Seen = new Map();
  return names.flatMap((name) => programFrom('/', name, { path: `/usr/bin/${name}`, seen }));
}

function targetOf(name: string, path: string | undefined): string {
  if (path === undefined || path === '') return isAbsolute(name) ? name : `/${name}`;
  return path.endsWith('/') ? `${path}${basename(name)}` : path;
}

function linkAt(path: string): string {
  if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink()) return readlinkSync(path);
  throw new Dock0Error(`add_symlink ${path} has no target, and ${path} is not a link on this machine`);
}

function programAt(
  name: string,
  stated: string | undefined,
  mode: string | undefined,
  beside: string,
  root: string,
): Addition[] {
  const path = stated === undefined || stated === '' ? undefined : targetOf(name, stated);
  if (!isAbsolute(name) && name.includes('/'))
    return [fileAt(beside, path ?? `/usr/bin/${name}`, mode ?? '755')];
  return programFrom(root, name, { path, mode });
}

function programFrom(
  root: string,
  name: string,
  { path, mode, seen }: { path: string | undefined; mode?: string | undefined; seen?: Seen },
): Extract<Addition, { kind: 'file' }>[] {
  const program = isAbsolute(name) ? name : commandIn(root, name);
  if (program === undefined)
    throw new Dock0Error(`there is no command ${name}${root === '/' ? '' : ` in ${root}`}`);
  return programFiles(root, program, seen).map((file) => ({
    kind: 'file',
    source: file.source,
    path: file.path === program ? absolute(path ?? program) : file.path,
    mode: file.path === program ? octal(mode, MODES.program) : MODES.program,
  }));
}

/** Where a root has a command, absolute in it; undefined where it has none. */
export function commandIn(root: string, name: string): string | undefined {
  if (root === '/') return findTool(name);
  const folders = ['/usr/bin', '/usr/sbin', '/bin', '/sbin'];
  return folders.map((folder) => join(folder, name)).find((path) => realInRoot(root, path) !== undefined);
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
    throw new Dock0Error(
      `${path} is not a valid path in the initramfs: it must start with / and must not contain ..`,
    );
  }
  return path;
}

function octal(mode: string | undefined, fallback: number): number {
  if (mode === undefined || mode === '') return fallback;
  if (!/^[0-7]{3,4}$/.test(mode)) throw new Dock0Error(`${mode} is not an octal mode`);
  return Number.parseInt(mode, 8);
}

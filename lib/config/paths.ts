import { accessSync, constants, existsSync, readdirSync, realpathSync, type Stats, statSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { codeOf } from '../error';
import { fileKind } from '../system/file-kind';
import { interpreterProblem } from '../system/interpreter';
import type { Treatment } from './keys/kinds';
import { didYouMean } from './suggest';

/** The folder of this package, with `configs` in it; works from lib/config and from dist/lib/config. */
export function packageFolder(): string {
  ours ??= folderAbove(__dirname);
  return ours;
}

let ours: string | undefined;

function folderAbove(start: string): string {
  let folder = start;
  while (!existsSync(join(folder, 'package.json'))) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error(`no package.json above ${start}`);
    folder = parent;
  }
  return folder;
}

/** A program of ours that machines run, and the build where it does the same here: `hooks/machine/NAME`. */
export function machineProgram(name: string): string {
  return join(packageFolder(), 'hooks/machine', name);
}

/** A path of the configuration made absolute. */
export function locate(stated: string, folder: string, { shipped }: Treatment): string {
  const path = resolve(folder, stated);
  if (shipped === undefined || !isBareName(stated) || existsSync(path)) return path;
  const ours = join(packageFolder(), shipped.folder, stated + shipped.extension);
  return existsSync(ours) ? ours : path;
}

/**
 * A path below a folder as it is named there, also where it was reached by a link above that folder; others stay as they
 * are. So what is built does not depend on the way by which a project was reached.
 */
export function namedBelow(folder: string, path: string): string {
  if (isBelow(folder, path)) return path;
  try {
    const [top, parent] = [realpathSync(folder), realpathSync(dirname(path))];
    if (isBelow(top, path)) return join(folder, relative(top, path));
    return isBelow(top, parent) ? join(folder, relative(top, parent), basename(path)) : path;
  } catch {
    return path;
  }
}

function isBelow(folder: string, path: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

/** What is wrong with the path of a file or folder that has to exist, or nothing. */
export function pathProblem(
  path: string,
  stated: string,
  { path: kind, shipped }: Treatment,
): string | undefined {
  let stats: Stats | undefined;
  try {
    stats = statSync(path);
  } catch (error) {
    const code = codeOf(error);
    if (code !== 'ENOENT' && code !== 'ENOTDIR') return `it can't be accessed (${code})`;
  }
  if (stats === undefined) {
    const near = neighbour(path, stated, shipped);
    return `no such file or folder${near === undefined ? '' : `; did you mean ${JSON.stringify(near)}?`}`;
  }
  if (kind === 'folder') return stats.isDirectory() ? undefined : 'it is not a folder';
  if (kind === 'any' && stats.isDirectory()) return undefined;
  if (!stats.isFile()) return `it is ${fileKind(stats)}`;
  if (kind === 'executable') {
    try {
      accessSync(path, constants.X_OK);
    } catch {
      return 'it is not executable (chmod +x)';
    }
    return interpreterProblem(path);
  }
  return undefined;
}

/** The lines of a text of packages or keys with their numbers, without comments and blank lines. */
export function linesOf(
  text: string,
  comments: 'anywhere' | 'whole lines',
): { text: string; line: number }[] {
  const comment = comments === 'anywhere' ? /#.*$/ : /^\s*#.*$/;
  return text
    .split(/\r\n?|\n/)
    .map((text, index) => ({ text: text.replace(comment, '').trim(), line: index + 1 }))
    .filter(({ text }) => text !== '');
}

/** The names, without extension, of the files in a folder that have an extension; none if there is no folder. */
export function namesIn(folder: string, extension: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith(extension))
      .map((name) => name.slice(0, name.length - extension.length))
      .sort();
  } catch {
    return [];
  }
}

function isBareName(stated: string): boolean {
  return /^[A-Za-z0-9_-]+$/.test(stated);
}

/** A path like a missing one, for a suggestion. */
function neighbour(path: string, stated: string, shipped: Treatment['shipped']): string | undefined {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const near = didYouMean(name, namesIn(dirname(path), ''));
  if (near !== undefined && stated.endsWith(name)) return stated.slice(0, -name.length) + near;
  if (shipped === undefined || !isBareName(stated)) return undefined;
  return didYouMean(stated, namesIn(join(packageFolder(), shipped.folder), shipped.extension));
}

import { execFileSync } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { relative } from 'node:path';
import { environmentFor } from './environment';
import { findTool } from './find-tool';
import type { RunOptions, RunResult } from './process';

/** Extended attributes of files (xattr(7)), in hex by name: capabilities, and those of users. */
export type Attributes = ReadonlyMap<string, string>;

/** Capabilities, attributes of users, and access lists, which squashfs has no place for. */
const KEPT = '^(security\\.capability|user\\.|system\\.posix_acl_)';

/** What of the attributes of an artifact ends up in an image: overlayfs's opaque folders too, and no label of SELinux. */
export const IN_IMAGES = '^(security\\.capability|user\\.|trusted\\.)';

/** What access lists are called; squashfs cannot hold them. */
export const ACCESS_LIST = 'system.posix_acl_';

/**
 * Reads the attributes of all files and folders in a tree.
 *
 * @param names a regular expression for their names; default: those that files of a configuration may have
 * @returns those that have some, by their paths below the folder; the folder itself is `''`
 */
export function readAttributes(folder: string, names = KEPT): Map<string, Attributes> {
  // It does not enter a link.
  const real = realpathSync(folder);
  const flags = [
    '--recursive',
    '--physical',
    '--no-dereference',
    '--absolute-names',
    '--dump',
    '--encoding=hex',
  ];
  const text = attempt('getfattr', [...flags, '--match', names, '--', real]);
  return parseAttributes(text, real);
}

/** Takes the access list away from folders that what is made in them would inherit (acl(5)). */
export function dropDefaultLists(folders: readonly string[]): void {
  const list = 'system.posix_acl_default';
  const flags = ['--absolute-names', '--dump', '--encoding=hex', '--match', `^${list}$`];
  const dumped = attempt('getfattr', [...flags, '--', ...folders]);
  const found = [...parseAttributes(dumped, '/').keys()].map((path) => `/${path}`);
  if (found.length > 0) attempt('setfattr', ['--remove', list, '--', ...found]);
}

/** Runs a program of these, where there is one: `gulp setup` installs it. */
function attempt(name: string, args: readonly string[]): string {
  const tool = findTool(name);
  if (tool === undefined) return '';
  return execFileSync(tool, args, {
    encoding: 'utf8',
    env: environmentFor(),
    maxBuffer: 2 ** 28,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Reads what getfattr(1) dumps, in blocks of a file each. */
export function parseAttributes(dump: string, folder: string): Map<string, Attributes> {
  const found = new Map<string, Attributes>();
  for (const block of dump.split('\n\n')) {
    const [first = '', ...lines] = block.split('\n').filter((line) => line !== '');
    if (!first.startsWith('# file: ')) continue;
    const path = relative(folder, unescaped(first.slice('# file: '.length)));
    const values = lines.map((line): [string, string] => {
      const at = line.indexOf('=0x');
      return at === -1 ? [line.replace(/=.*/, ''), ''] : [line.slice(0, at), line.slice(at + 1)];
    });
    found.set(path, new Map(values.sort(([a], [b]) => (a < b ? -1 : 1))));
  }
  return found;
}

/** Gives a file attributes. @param run runs a command */
export async function setAttributes(
  file: string,
  attributes: Attributes,
  run: (command: string, args: readonly string[], options?: RunOptions) => Promise<RunResult>,
): Promise<void> {
  for (const [name, value] of attributes) {
    const stated = value === '' ? [] : ['--value', value];
    await run('setfattr', ['--no-dereference', '--name', name, ...stated, '--', file]);
  }
}

/** getfattr(1) writes unusual bytes as octal: `\012`. */
export function unescaped(path: string): string {
  const parts = path.split(/\\([0-7]{3})/);
  const bytes = parts.map((part, at) =>
    at % 2 === 0 ? Buffer.from(part) : Buffer.of(Number.parseInt(part, 8)),
  );
  return Buffer.concat(bytes).toString();
}

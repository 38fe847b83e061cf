import { execFileSync } from 'node:child_process';
import { relative } from 'node:path';
import { environmentFor } from './environment';
import { findTool } from './find-tool';
import type { RunOptions, RunResult } from './process';

/** Extended attributes of files (xattr(7)), in hex by name: capabilities, and those of users. */
export type Attributes = ReadonlyMap<string, string>;

/** Capabilities, attributes of users, and access lists, which squashfs has no place for. */
const KEPT = '^(security\\.capability|user\\.|system\\.posix_acl_)';

/** What access lists are called; squashfs cannot hold them. */
export const ACCESS_LIST = 'system.posix_acl_';

/**
 * Reads the attributes of all files and folders in a tree.
 *
 * @returns those that have some, by their paths below the folder
 */
export function readAttributes(folder: string): Map<string, Attributes> {
  const tool = findTool('getfattr');
  if (tool === undefined) return new Map();
  const flags = [
    '--recursive',
    '--physical',
    '--no-dereference',
    '--absolute-names',
    '--dump',
    '--encoding=hex',
  ];
  const text = execFileSync(tool, [...flags, '--match', KEPT, '--', folder], {
    encoding: 'utf8',
    env: environmentFor(),
    maxBuffer: 2 ** 28,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return parseAttributes(text, folder);
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
  const bytes: number[] = [];
  for (let at = 0; at < path.length; at++) {
    const octal = /^\\([0-7]{3})/.exec(path.slice(at, at + 4))?.[1];
    if (octal === undefined) bytes.push(...Buffer.from(path[at] as string));
    else {
      bytes.push(Number.parseInt(octal, 8));
      at += 3;
    }
  }
  return Buffer.from(bytes).toString();
}

import { createHash } from 'node:crypto';
import { lstatSync, readlinkSync, realpathSync, type Stats, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { codeOf, Dock0Error } from '../error';
import { namesOf } from '../system/names';
import { readAttributes } from '../system/xattrs';
import type { FileDigest } from './fingerprint';
import type { HashIndex } from './hash-index';
import type { FileInput } from './step';

/**
 * The digest of a file (mode and hash) or of a folder's tree: the same for each path below it, or, of a large one, a
 * hash for each folder. Of a file's mode only what a build can carry over counts; owner and times do not.
 *
 * @throws Dock0Error when the path does not exist or holds something that is no file, folder or symbolic link
 */
export function digestOf(input: Omit<FileInput, 'name' | 'role'>, index: HashIndex): FileDigest {
  const { path, large = false } = input;
  let stat: Stats;
  try {
    stat = lstatSync(path);
    if (stat.isSymbolicLink()) stat = lstatSync(realpathSync(path));
  } catch (error) {
    if (codeOf(error) === 'ENOENT') throw new Dock0Error(`${path}: no such file or folder`);
    throw error;
  }
  if (!stat.isDirectory()) return digestOfEntry(path, stat, input, index);
  return large ? byFolder(treeDigests(input, index)) : Object.fromEntries(digestsIn(input, index));
}

/**
 * What each path of a large tree is, as `digestOf` has it, by the index kept for this tree alone.
 *
 * @throws Dock0Error when the tree holds something that is no file, folder or symbolic link
 */
export function treeDigests(input: Tree, index: HashIndex): Map<string, string> {
  const own = index.apart(input.path);
  const digests = new Map(digestsIn(input, own));
  own.save();
  return digests;
}

function* digestsIn(
  input: Tree,
  index: HashIndex,
  below = '',
  attributes = attributesIn(input, index),
  seen = new Set<string>(),
): Generator<[string, string]> {
  const { path: root, except } = input;
  for (const name of namesOf(join(root, below))) {
    const path = below === '' ? name : `${below}/${name}`;
    const full = join(root, path);
    const stat = lstatSync(full);
    if (except?.(path, stat)) continue;
    yield [path, `${digestOfEntry(full, stat, input, index, seen)}${attributes(path, stat)}`];
    if (stat.isDirectory()) yield* digestsIn(input, index, path, attributes, seen);
  }
}

/** What the extended attributes of a file in a tree add to its digest; the tree is read once, where one is unknown. */
function attributesIn(
  { path: root, attributes }: Tree,
  index: HashIndex,
): (path: string, stat: Stats) => string {
  if (attributes !== true) return () => '';
  let all: ReturnType<typeof readAttributes> | undefined;
  return (path, stat) => {
    if (!stat.isFile()) return '';
    return index.attributes(join(root, path), stat, () => {
      all ??= readAttributes(root);
      const own = all.get(path);
      if (own === undefined) return '';
      return ` ${createHash('sha256')
        .update(JSON.stringify([...own]))
        .digest('hex')}`;
    });
  };
}

/**
 * A hash of all that a link to a folder leads to, by further links too.
 *
 * @param seen the folders that such links led to: each counts once
 */
function treeHash(link: string, modeless: boolean, index: HashIndex, seen: Set<string>): string {
  const path = realpathSync(link);
  if (seen.has(path)) return 'seen';
  seen.add(path);
  const entries = [...digestsIn({ path, follow: true, modeless }, index, '', undefined, seen)];
  return createHash('sha256').update(JSON.stringify(entries)).digest('hex');
}

/** The paths of the files that are used in one way, in their order. */
export function pathsOf(files: readonly FileInput[], role: string): string[] {
  return files.filter((file) => file.role === role).map(({ path }) => path);
}

/** A tree that is read, and how. */
type Tree = Pick<FileInput, 'path' | 'except' | 'follow' | 'attributes' | 'modeless'>;

/** A hash for each folder, of the names and digests of what is directly in it; `.` is the tree's own folder. */
function byFolder(digests: Map<string, string>): { [path: string]: string } {
  const folders = new Map<string, string[]>();
  for (const [path, digest] of digests) {
    const folder = dirname(path);
    const lines = folders.get(folder) ?? [];
    folders.set(folder, lines);
    lines.push(`${path.slice(folder === '.' ? 0 : folder.length + 1)}\0${digest}\n`);
  }
  return Object.fromEntries(
    [...folders].map(([folder, lines]) => {
      const hash = createHash('sha256').update(lines.join('')).digest('hex');
      return [folder, `${folder === '.' ? 'folder' : digests.get(folder)?.split(' ')[0]} ${hash}`];
    }),
  );
}

function digestOfEntry(
  path: string,
  stat: Stats,
  { follow = false, modeless = false }: Pick<Tree, 'follow' | 'modeless'>,
  index: HashIndex,
  seen = new Set<string>(),
): string {
  const mode = modeless ? 'any' : (stat.mode & 0o7777).toString(8);
  if (stat.isDirectory()) return `${mode} folder`;
  if (stat.isSymbolicLink()) {
    const target = follow ? statSync(path, { throwIfNoEntry: false }) : undefined;
    if (target?.isDirectory()) return `link ${readlinkSync(path)} ${treeHash(path, modeless, index, seen)}`;
    const content = target?.isFile() ? ` ${digestOfEntry(path, target, { modeless }, index)}` : '';
    return `link ${readlinkSync(path)}${content}`;
  }
  if (stat.isFile()) return `${mode} ${index.hash(path, stat)}`;
  throw new Dock0Error(`${path}: neither a file, a folder nor a symbolic link`);
}

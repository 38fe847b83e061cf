import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readlinkSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTick } from 'node:timers/promises';
import { type Fits, isNumber } from '../system/kept-json';
import { IN_IMAGES, readAttributes } from '../system/xattrs';
import { hashFile, isSettled } from './hash-index';

/**
 * What an artifact consists of: for each path what it is (kind, mode, owner, link target or device number, hash),
 * and the stat it had when that was last known to be true.
 */
export interface Content {
  [path: string]: KnownFile;
}

/** What a path is, and the stat it had when that was last known to be true. */
export interface KnownFile {
  is: string;
  size: number;
  mtime: number;
  ctime: number;
  inode: number;
}

/** Whether a value is the content of an artifact. In one loop: the packages of a root are ten thousand paths. */
export const isContent: Fits = (value) => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  for (const path in value) {
    const known = (value as Partial<Record<string, Partial<KnownFile> | null>>)[path];
    if (typeof known !== 'object' || known === null || typeof known.is !== 'string') return false;
    const { size, mtime, ctime, inode } = known;
    if (![size, mtime, ctime, inode].every(isNumber)) return false;
  }
  return true;
};

const FILES_BETWEEN_TICKS = 500;

/** The hashes of large files, by what their stat says: the releases of a hundred hosts have the same layers. */
const HASHES = new Map<string, string>();
const LARGE_BYTES = 2 ** 20;

/** Reads a whole tree: hashes every file but those that are `known`. */
export async function readContent(root: string, known: Content = {}): Promise<Content> {
  const content: Content = {};
  const attributes = attributesIn(root);
  let count = 0;
  for (const [path, stat] of walk(root, '')) {
    content[path] = known[path] ?? {
      is: identity(join(root, path), stat, { attributes: attributes(path) }),
      ...times(stat),
    };
    if (++count % FILES_BETWEEN_TICKS === 0) await nextTick();
  }
  return content;
}

/** What was found wrong with a path of an artifact. */
export interface Damage {
  path: string;
  problem: string;
}

/**
 * Compares a tree with what it was. A file whose stat is as it was is taken as unchanged; any other is hashed, and
 * where only its times differ `content` is brought up to date.
 *
 * @returns the damages (the first ten), and whether `content` was updated
 */
export async function checkContent(
  root: string,
  content: Content,
): Promise<{ damages: Damage[]; updated: boolean }> {
  const damages: Damage[] = [];
  const missing = new Set(Object.keys(content));
  const attributes = attributesIn(root);
  let updated = false;
  let count = 0;
  for (const [path, stat] of walk(root, '')) {
    const entry = content[path];
    missing.delete(path);
    if (entry === undefined) damages.push({ path, problem: 'does not belong here' });
    else if (!unchanged(entry, stat)) {
      const is = identity(join(root, path), stat, { attributes: attributes(path) });
      if (is === entry.is) {
        Object.assign(entry, times(stat));
        updated = true;
      } else damages.push({ path, problem: difference(entry.is, is) });
    }
    if (damages.length >= 10) return { damages, updated };
    if (++count % FILES_BETWEEN_TICKS === 0) await nextTick();
  }
  for (const path of [...missing].slice(0, 10)) damages.push({ path, problem: 'is missing' });
  return { damages, updated };
}

/** SHA-256 over all of the content, times and inodes aside, in hex. */
export function contentDigest(content: Content): string {
  const hash = createHash('sha256');
  for (const path of Object.keys(content).sort()) hash.update(`${path}\0${content[path]?.is}\n`);
  return hash.digest('hex');
}

/** The SHA-256 of one of the artifact's regular files. */
export function fileHash(content: Content, path: string): string | undefined {
  const is = content[path]?.is ?? '';
  return is.startsWith('file ') ? is.split(' ').at(-1) : undefined;
}

/** The sizes of the artifact's files together, in bytes. */
export function contentBytes(content: Content): number {
  return Object.values(content).reduce((sum, { is, size }) => sum + (is.startsWith('file ') ? size : 0), 0);
}

function* walk(root: string, below: string): Generator<[string, Stats]> {
  for (const name of readdirSync(join(root, below)).sort()) {
    const path = below === '' ? name : `${below}/${name}`;
    const stat = lstatSync(join(root, path));
    yield [path, stat];
    if (stat.isDirectory()) yield* walk(root, path);
  }
}

/**
 * Reads the extended attributes of a tree that end up in images, when they are first asked for: programs that copy a cache may
 * lose them.
 *
 * @returns a text that stands for those of a path, empty for none
 */
function attributesIn(root: string): (path: string) => string {
  let all: ReturnType<typeof readAttributes> | undefined;
  return (path) => {
    all ??= readAttributes(root, IN_IMAGES);
    const own = all.get(path);
    if (own === undefined) return '';
    const hash = createHash('sha256').update(JSON.stringify([...own]));
    return ` +${hash.digest('hex').slice(0, 32)}`;
  };
}

/** What is known of a path besides its stat. */
interface Aside {
  /** The SHA-256 of the file, where it need not be read. */
  sha256?: string | undefined;
  /** Stands for the extended attributes. */
  attributes?: string;
}

/** What a path is, in a text. */
export function identity(path: string, stat: Stats, { sha256, attributes = '' }: Aside = {}): string {
  const owner = `${(stat.mode & 0o7777).toString(8)} ${stat.uid}:${stat.gid}${attributes}`;
  if (stat.isFile()) return `file ${owner} ${sha256 ?? hashOnce(path, stat)}`;
  if (stat.isDirectory()) return `folder ${owner}`;
  if (stat.isSymbolicLink()) return `link ${stat.uid}:${stat.gid} ${readlinkSync(path)}`;
  return `special ${owner} ${(stat.mode & 0o170000).toString(8)} ${stat.rdev}`;
}

/** The SHA-256 of a file, which a large one is read for once. */
function hashOnce(path: string, stat: Stats): string {
  if (stat.size < LARGE_BYTES || !isSettled(stat)) return hashFile(path);
  const key = [stat.dev, stat.ino, stat.size, stat.mtimeMs, stat.ctimeMs].join(' ');
  const hash = HASHES.get(key) ?? hashFile(path);
  HASHES.set(key, hash);
  return hash;
}

function difference(was: string, is: string): string {
  const [wasRest, isRest] = [was, is].map((text) => text.slice(0, text.lastIndexOf(' ')));
  return wasRest === isRest ? 'has other content than when it was made' : `was "${wasRest}", is "${isRest}"`;
}

/** What of a stat tells whether a path changed. A folder's times and size change with what is in it, which is looked at anyway. */
export function times(stat: Stats): Omit<KnownFile, 'is'> {
  return { size: stat.isFile() ? stat.size : 0, mtime: stat.mtimeMs, ctime: stat.ctimeMs, inode: stat.ino };
}

/** Whether a path is as it was when it was last known. */
export function unchanged(entry: KnownFile, stat: Stats): boolean {
  return (
    entry.ctime === stat.ctimeMs &&
    entry.mtime === stat.mtimeMs &&
    entry.inode === stat.ino &&
    (!stat.isFile() || entry.size === stat.size)
  );
}

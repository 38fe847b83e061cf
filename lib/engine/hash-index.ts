import { createHash } from 'node:crypto';
import { closeSync, existsSync, openSync, readSync, type Stats } from 'node:fs';
import { dirname, join } from 'node:path';
import { writeAtomically } from '../system/atomic-write';
import { type Fits, isNumber, isText, mapOf, readKeptJson, withKeys } from '../system/kept-json';

/** Hashes files, and remembers the hash of those whose stat did not change: an unchanged file costs one stat. */
export interface HashIndex {
  /** SHA-256 of a regular file's content, in hex. `stat` is the file's lstat. */
  hash: (path: string, stat: Stats) => string;
  /** A text that stands for the file's extended attributes, empty for none; `read` finds out, where they are unknown. */
  attributes: (path: string, stat: Stats, read: () => string) => string;
  /** The index of one large tree, in a file of its own, so that nobody else has to read it. */
  apart: (root: string) => HashIndex;
  /** Whether nothing was ever saved of it: the first look at a large tree takes a while. */
  isNew: () => boolean;
  /** Writes what was learnt; does nothing when nothing was. */
  save: () => void;
}

/** size, mtime (ms), ctime (ms), inode, hash, extended attributes */
type Known = [number, number, number, number, string, string?];

const isKnown: Fits = (value) =>
  Array.isArray(value) &&
  value.slice(0, 4).every(isNumber) &&
  isText(value[4]) &&
  (value.length === 5 || (value.length === 6 && isText(value[5])));
const KNOWN = withKeys({ version: isNumber, entries: mapOf(isKnown) });

const VERSION = 1;
const MOST_ENTRIES = 200_000;
// A change within the clock's tick after hashing would not show in the stat; such a file is hashed again next time.
const SETTLED_MS = 50;
// Some file systems have whole seconds only, FAT every other one.
const COARSELY_SETTLED_MS = 2000;

/** The index of a cache folder. */
export function hashIndexOf(cache: string): HashIndex {
  return openHashIndex(join(cache, 'hashes.json'));
}

/**
 * Opens the index kept in `file`; one that is missing or unreadable is an empty one.
 *
 * The ctime is part of the key: unlike the mtime, no program can set it back after changing a file.
 *
 * @param root what all paths begin with; it is not kept with each of them
 */
function openHashIndex(file: string, root = ''): HashIndex {
  let loaded: Record<string, Known> | undefined;
  const learnt = new Map<string, Known>();
  const others = new Map<string, HashIndex>();
  return {
    hash: (path, stat) => {
      const name = path.slice(root.length);
      loaded ??= load(file);
      const entry = learnt.get(name) ?? loaded[name];
      if (entry !== undefined && sameStat(entry, stat)) return entry[4];
      // Before hashing: a change after the stat was taken may have the same time.
      const settled = isSettled(stat);
      const hash = hashFile(path);
      if (settled) {
        learnt.set(name, [stat.size, stat.mtimeMs, stat.ctimeMs, stat.ino, hash]);
      }
      return hash;
    },
    attributes: (path, stat, read) => {
      const name = path.slice(root.length);
      loaded ??= load(file);
      const entry = learnt.get(name) ?? loaded[name];
      const same = entry !== undefined && sameStat(entry, stat);
      if (same && entry[5] !== undefined) return entry[5];
      const attributes = read();
      // Only with a hash that is known to be of this file: the two have one stat.
      if (same) learnt.set(name, [entry[0], entry[1], entry[2], entry[3], entry[4], attributes]);
      return attributes;
    },
    apart: (tree) => {
      const name = createHash('sha256').update(tree).digest('hex').slice(0, 24);
      const known = others.get(tree) ?? openHashIndex(join(dirname(file), 'hashes', `${name}.json`), tree);
      others.set(tree, known);
      return known;
    },
    isNew: () => !existsSync(file),
    save: () => {
      for (const other of others.values()) other.save();
      if (learnt.size === 0) return;
      // Another build may have saved in between: what it learnt is kept.
      const entries = { ...load(file), ...Object.fromEntries(learnt) };
      const kept = Object.entries(entries).slice(-MOST_ENTRIES);
      loaded = Object.fromEntries(kept);
      writeAtomically(file, JSON.stringify({ version: VERSION, entries: loaded }), 0o600);
      learnt.clear();
    },
  };
}

/** Whether a later change of the file would show in its stat. To be asked before the file is read. */
export function isSettled({ ctimeMs }: Stats): boolean {
  return Date.now() - ctimeMs > (ctimeMs % 1000 === 0 ? COARSELY_SETTLED_MS : SETTLED_MS);
}

// One for all: a source tree has 80,000 files, most of them small.
let pieces: Buffer | undefined;

/** SHA-256 of a file's content in hex, read in pieces of 1 MiB. */
export function hashFile(path: string): string {
  const hash = createHash('sha256');
  pieces ??= Buffer.allocUnsafe(1 << 20);
  const buffer = pieces;
  const descriptor = openSync(path, 'r');
  try {
    for (let count = readSync(descriptor, buffer); count > 0; count = readSync(descriptor, buffer)) {
      hash.update(buffer.subarray(0, count));
    }
  } finally {
    closeSync(descriptor);
  }
  return hash.digest('hex');
}

function load(file: string): Record<string, Known> {
  const index = readKeptJson<{ version: number; entries: Record<string, Known> }>(file, KNOWN);
  return index?.version === VERSION ? index.entries : {};
}

function sameStat([size, mtime, ctime, inode]: Known, stat: Stats): boolean {
  return size === stat.size && mtime === stat.mtimeMs && ctime === stat.ctimeMs && inode === stat.ino;
}

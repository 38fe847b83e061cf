import { createHash } from 'node:crypto';
import {
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  type Stats,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';

/** Hashes files, and remembers the hash of those whose stat did not change: an unchanged file costs one stat. */
export interface HashIndex {
  /** SHA-256 of a regular file's content, in hex. `stat` is the file's lstat. */
  hash: (path: string, stat: Stats) => string;
  /** Writes what was learnt; does nothing when nothing was. */
  save: () => void;
}

/** size, mtime (ms), ctime (ms), inode, hash */
type Known = [number, number, number, number, string];

const VERSION = 1;
const MOST_ENTRIES = 200_000;
// A change within the clock's tick after hashing would not show in the stat; such a file is hashed again next time.
const SETTLED_MS = 50;

/**
 * Opens the index kept in `file`; one that is missing or unreadable is an empty one.
 *
 * The ctime is part of the key: unlike the mtime, no program can set it back after changing a file.
 */
export function openHashIndex(file: string): HashIndex {
  const known = load(file);
  const learnt = new Map<string, Known>();
  return {
    hash: (path, stat) => {
      const entry = learnt.get(path) ?? known[path];
      if (entry !== undefined && sameStat(entry, stat)) return entry[4];
      const hash = hashFile(path);
      if (Date.now() - stat.ctimeMs > SETTLED_MS) {
        learnt.set(path, [stat.size, stat.mtimeMs, stat.ctimeMs, stat.ino, hash]);
      }
      return hash;
    },
    save: () => {
      if (learnt.size === 0) return;
      // Another build may have saved in between: what it learnt is kept.
      const entries = { ...load(file), ...Object.fromEntries(learnt) };
      const kept = Object.entries(entries).slice(-MOST_ENTRIES);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(
        `${file}.${process.pid}`,
        JSON.stringify({ version: VERSION, entries: Object.fromEntries(kept) }),
      );
      renameSync(`${file}.${process.pid}`, file);
      learnt.clear();
    },
  };
}

/** SHA-256 of a file's content in hex, read in pieces of 1 MiB. */
export function hashFile(path: string): string {
  const hash = createHash('sha256');
  const descriptor = openSync(path, 'r');
  try {
    const buffer = Buffer.allocUnsafe(1 << 20);
    for (let count = readSync(descriptor, buffer); count > 0; count = readSync(descriptor, buffer)) {
      hash.update(buffer.subarray(0, count));
    }
  } finally {
    closeSync(descriptor);
  }
  return hash.digest('hex');
}

function load(file: string): Record<string, Known> {
  try {
    const index = JSON.parse(readFileSync(file, 'utf8'));
    return index.version === VERSION ? index.entries : {};
  } catch {
    return {};
  }
}

function sameStat([size, mtime, ctime, inode]: Known, stat: Stats): boolean {
  return size === stat.size && mtime === stat.mtimeMs && ctime === stat.ctimeMs && inode === stat.ino;
}

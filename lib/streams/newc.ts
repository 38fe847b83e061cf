import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { Dock0Error } from '../error';

/** A file of an archive. Its owner is always root, as in an initramfs. */
export type Entry = { path: string; mode: number } & (
  | { type: 'directory' }
  | { type: 'file'; content: Content }
  | { type: 'symlink'; target: string }
  | { type: 'character' | 'block'; major: number; minor: number }
  | { type: 'fifo' }
);

/** The bytes of a file, or `size` bytes that `open` streams when they are needed. */
export type Content = Uint8Array | { size: number; open: () => Readable };

export interface ArchiveOptions {
  /** Modification time of every entry, in seconds since 1970; default 0. */
  mtime?: number;
}

const TYPE_BITS = {
  fifo: 0o010000,
  character: 0o020000,
  directory: 0o040000,
  block: 0o060000,
  file: 0o100000,
  symlink: 0o120000,
} as const;
const LARGEST = 0xffffffff;
const BLOCK = 512;
const TRAILER = 'TRAILER!!!';

/**
 * Writes a cpio archive in the "New ASCII Format" (newc: cpio(5); Documentation/driver-api/early-userspace/
 * buffer-format.rst of the kernel): a hexadecimal header of 110 bytes, the name, the data, each padded to 4 bytes; the
 * whole padded to 512. Entries are in the order they arrive, after their parent folders. The result is reproducible:
 * inode numbers count up, owners are 0:0, times are `mtime`.
 *
 * @param entries what to write; paths are relative, without `.` and `..`
 * @param to the path of a file, or a stream, which is ended; waits when the stream is full
 * @throws Dock0Error for a path that leaves the archive or is a duplicate, and for contents of another size
 */
export async function writeCpio(
  entries: Iterable<Entry> | AsyncIterable<Entry>,
  to: Writable | string,
  options: ArchiveOptions = {},
): Promise<void> {
  const output = typeof to === 'string' ? createWriteStream(to) : to;
  const archive = openArchive(output, options);
  try {
    for await (const entry of entries) await archive.add(entry);
    await archive.end();
    await finished(output, { readable: false });
  } catch (error) {
    output.destroy();
    throw error;
  }
}

/** An archive that is being written. */
export interface Archive {
  add: (entry: Entry) => Promise<void>;
  /** Writes the trailer and ends the stream. */
  end: () => Promise<void>;
}

/** `writeCpio` for entries that arrive one at a time. */
export function openArchive(output: Writable, { mtime = 0 }: ArchiveOptions = {}): Archive {
  let inode = 0;
  let written = 0;
  // Folders by path with their mode; -1 for all other entries.
  const seen = new Map<string, number>();
  const write = async (bytes: Uint8Array): Promise<void> => {
    if (bytes.length === 0) return;
    written += bytes.length;
    if (!output.write(bytes)) await drained(output);
  };
  const head = (path: string, fields: Partial<Header>): Promise<void> =>
    write(header(path, { mode: 0, links: 1, size: 0, major: 0, minor: 0, inode: 0, mtime: 0, ...fields }));
  const put = async (entry: Entry, path: string): Promise<void> => {
    const mode = TYPE_BITS[entry.type] | (entry.mode & 0o7777);
    inode++;
    if (entry.type === 'file') {
      const { content } = entry;
      const size = content instanceof Uint8Array ? content.length : content.size;
      if (size > LARGEST)
        throw new Dock0Error(`${path}: too large for a cpio archive, which takes files of up to 4 GiB`);
      await head(path, { inode, mtime, mode, size });
      if (content instanceof Uint8Array) await write(content);
      else await writeStream(path, content, write);
      await write(padding(size, 4));
    } else if (entry.type === 'symlink') {
      const target = Buffer.from(entry.target);
      await head(path, { inode, mtime, mode: mode | 0o777, size: target.length });
      await write(Buffer.concat([target, padding(target.length, 4)]));
    } else if (entry.type === 'directory') {
      await head(path, { inode, mtime, mode, links: 2 });
    } else {
      const device = 'major' in entry ? { major: entry.major, minor: entry.minor } : {};
      await head(path, { inode, mtime, mode, ...device });
    }
  };
  const addParents = async (path: string): Promise<void> => {
    for (let at = path.indexOf('/'); at !== -1; at = path.indexOf('/', at + 1)) {
      const parent = path.slice(0, at);
      if (seen.has(parent)) continue;
      seen.set(parent, 0o755);
      await put({ type: 'directory', path: parent, mode: 0o755 }, parent);
    }
  };
  return {
    add: async (entry) => {
      const path = checked(entry.path);
      const before = seen.get(path);
      if (entry.type === 'directory' && before === (entry.mode & 0o7777)) return;
      if (before !== undefined && (entry.type !== 'directory' || before === -1)) {
        throw new Dock0Error(`${path} is in the archive twice`);
      }
      await addParents(path);
      seen.set(path, entry.type === 'directory' ? entry.mode & 0o7777 : -1);
      await put(entry, path);
    },
    end: async () => {
      await head(TRAILER, {});
      await write(padding(written, BLOCK));
      output.end();
    },
  };
}

interface Header {
  inode: number;
  mode: number;
  links: number;
  mtime: number;
  size: number;
  major: number;
  minor: number;
}

function header(path: string, fields: Header): Buffer {
  const name = Buffer.from(path);
  const { inode, mode, links, mtime, size, major, minor } = fields;
  const numbers = [inode, mode, 0, 0, links, mtime, size, 0, 0, major, minor, name.length + 1, 0];
  const text = `070701${numbers.map((number) => number.toString(16).padStart(8, '0')).join('')}`;
  return Buffer.concat([
    Buffer.from(text, 'ascii'),
    name,
    Buffer.alloc(1),
    padding(text.length + name.length + 1, 4),
  ]);
}

function padding(length: number, unit: number): Buffer {
  return Buffer.alloc((unit - (length % unit)) % unit);
}

async function writeStream(
  path: string,
  { size, open }: Exclude<Content, Uint8Array>,
  write: (bytes: Uint8Array) => Promise<void>,
): Promise<void> {
  let came = 0;
  for await (const chunk of open()) {
    const bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk as Uint8Array);
    came += bytes.length;
    // More bytes than announced would corrupt the archive: stop before they are written.
    if (came > size) break;
    await write(bytes);
  }
  if (came === size) return;
  const found = came > size ? 'more' : came;
  throw new Dock0Error(`${path}: expected ${size} bytes, found ${found}`, {
    hint: 'The file changed while it was read, or a stream changed its contents without updating stat.size.',
  });
}

async function drained(output: Writable): Promise<void> {
  if (output.destroyed) throw output.errored ?? new Error('the archive was closed before it was complete');
  const done = new AbortController();
  try {
    await Promise.race([
      once(output, 'drain', { signal: done.signal }),
      once(output, 'close', { signal: done.signal }).then(() => {
        throw output.errored ?? new Error('the archive was closed before it was complete');
      }),
    ]);
  } finally {
    done.abort();
  }
}

function checked(path: string): string {
  const parts = path.split('/');
  const bad = parts.some((part) => part === '' || part === '.' || part === '..') || path.includes('\0');
  if (!bad && path !== TRAILER) return path;
  throw new Dock0Error(`"${path}" is not a valid path in an archive`, {
    hint: 'Paths are relative to the root of the archive, without ".", ".." and empty parts.',
  });
}

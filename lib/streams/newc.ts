import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { Dock0Error } from '../error';
import type { Content, Entry } from './entry';
import { openPaths, TRAILER } from './paths';

export interface ArchiveOptions {
  /** Modification time of entries that have none, in seconds since 1970; default 0. */
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

/**
 * Writes a cpio archive in the "New ASCII Format" (newc: cpio(5); Documentation/driver-api/early-userspace/
 * buffer-format.rst of the kernel): a hexadecimal header of 110 bytes, the name, the data, each padded to 4 bytes; the
 * whole padded to 512. Entries are in the order they arrive, after their parent folders. Inode numbers count up, so the
 * result is reproducible; the names of one file share theirs, and the first of them has the data.
 *
 * @param entries what to write; paths are relative, without `.` and `..`
 * @param to the path of a file, or a stream, which is ended; waits when the stream is full
 * @throws Dock0Error for a path that leaves the archive, is a duplicate or lies below a link, and for contents of another
 * size
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
  const paths = openPaths();
  // The inodes of files with several names, by the first of them.
  const linked = new Map<string, Partial<Header>>();
  let inodes = 0;
  let written = 0;
  const write = async (bytes: Uint8Array): Promise<void> => {
    if (bytes.length === 0) return;
    written += bytes.length;
    if (!output.write(bytes)) await drained(output);
  };
  const head = (path: string, fields: Partial<Header>): Promise<void> =>
    write(header(path, { ...NOTHING, ...fields }));
  const put = async (entry: Entry): Promise<void> => {
    const { path } = entry;
    if (entry.type === 'hardlink') return head(path, linked.get(entry.target) ?? {});
    const fields = {
      ...entry.owner,
      mode: TYPE_BITS[entry.type] | (entry.mode & 0o7777),
      mtime: entry.mtime ?? mtime,
      inode: ++inodes,
    };
    if (entry.type === 'file') {
      const { content, links = 1 } = entry;
      const size = content instanceof Uint8Array ? content.length : content.size;
      if (size > LARGEST)
        throw new Dock0Error(`${path}: too large for a cpio archive, which takes files of up to 4 GiB`);
      if (links > 1) linked.set(path, { ...fields, links });
      await head(path, { ...fields, links, size });
      if (content instanceof Uint8Array) await write(content);
      else await writeStream(path, content, write);
      await write(padding(size, 4));
    } else if (entry.type === 'symlink') {
      const target = Buffer.from(entry.target);
      await head(path, { ...fields, mode: fields.mode | 0o777, size: target.length });
      await write(Buffer.concat([target, padding(target.length, 4)]));
    } else if (entry.type === 'directory') {
      await head(path, { ...fields, links: 2 });
    } else {
      const device = 'major' in entry ? { major: entry.major, minor: entry.minor } : {};
      await head(path, { ...fields, ...device });
    }
  };
  // Attributes of folders, which may come again.
  const folders = new Map<string, string>();
  const putFolder = async (entry: Entry): Promise<void> => {
    const attributes = JSON.stringify([entry.mode & 0o7777, entry.owner, entry.mtime]);
    if (folders.get(entry.path) === attributes) return;
    folders.set(entry.path, attributes);
    await put(entry);
  };
  return {
    add: async (entry) => {
      for (const path of paths.add(entry)) await putFolder({ type: 'directory', path, mode: 0o755 });
      await (entry.type === 'directory' ? putFolder(entry) : put(entry));
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
  uid: number;
  gid: number;
  links: number;
  mtime: number;
  size: number;
  major: number;
  minor: number;
}

const NOTHING: Header = {
  inode: 0,
  mode: 0,
  uid: 0,
  gid: 0,
  links: 1,
  mtime: 0,
  size: 0,
  major: 0,
  minor: 0,
};

function header(path: string, fields: Header): Buffer {
  const name = Buffer.from(path);
  const { inode, mode, uid, gid, links, mtime, size, major, minor } = fields;
  const numbers = [inode, mode, uid, gid, links, mtime, size, 0, 0, major, minor, name.length + 1, 0];
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

export async function writeStream(
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

export async function drained(output: Writable): Promise<void> {
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

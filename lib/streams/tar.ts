import type { Writable } from 'node:stream';
import type { Entry } from './entry';
import { type Archive, drained, writeStream } from './newc';
import { openPaths } from './paths';

type Folder = Entry & { type: 'directory' };

const BLOCK = 512;
const TYPE_FLAGS = {
  file: '0',
  hardlink: '1',
  symlink: '2',
  character: '3',
  block: '4',
  directory: '5',
  fifo: '6',
} as const;
/** The largest numbers in fields of 7 and 11 octal digits. */
const LARGEST_ID = 0o7777777;
const LARGEST_SIZE = 0o77777777777;
const LONGEST = 100;

/**
 * Writes a tar archive (ustar, and pax for what does not fit; pax(1) of POSIX.1-2017) for mksquashfs, which takes the first
 * entry of a folder as its last: folders are therefore written at the end, each once.
 *
 * @param output a stream, which is ended
 */
export function openTar(output: Writable): Archive {
  const paths = openPaths();
  const folders = new Map<string, Folder>();
  const write = async (bytes: Uint8Array): Promise<void> => {
    if (bytes.length > 0 && !output.write(bytes)) await drained(output);
  };
  return {
    add: async (entry) => {
      for (const path of paths.add(entry)) folders.set(path, { type: 'directory', path, mode: 0o755 });
      if (entry.type === 'directory') {
        folders.set(entry.path, entry);
        return;
      }
      const content = entry.type === 'file' ? entry.content : new Uint8Array();
      const size = content instanceof Uint8Array ? content.length : content.size;
      await write(head(entry, size));
      if (content instanceof Uint8Array) await write(content);
      else await writeStream(entry.path, content, write);
      await write(padding(size));
    },
    end: async () => {
      for (const folder of folders.values()) await write(head(folder, 0));
      await write(Buffer.alloc(2 * BLOCK));
      output.end();
    },
  };
}

/** The header of an entry, after headers with what does not fit into it. */
function head(entry: Entry, size: number): Buffer {
  const { uid, gid } = entry.owner ?? { uid: 0, gid: 0 };
  const target = 'target' in entry ? entry.target : '';
  const pax = [
    ...(Buffer.byteLength(entry.path) > LONGEST ? [record('path', entry.path)] : []),
    ...(uid > LARGEST_ID ? [record('uid', uid)] : []),
    ...(gid > LARGEST_ID ? [record('gid', gid)] : []),
    ...(size > LARGEST_SIZE ? [record('size', size)] : []),
  ].join('');
  return Buffer.concat([
    // GNU's header for a long link: mksquashfs 4.5 drops a leading `/` or `../` from pax's.
    ...(Buffer.byteLength(target) > LONGEST ? [extra('K', `${target}\0`)] : []),
    ...(pax === '' ? [] : [extra('x', pax)]),
    header(entry, TYPE_FLAGS[entry.type], size),
  ]);
}

/** A header with a text about the entry that follows. */
function extra(flag: 'K' | 'x', text: string): Buffer {
  const bytes = Buffer.from(text);
  const plain: Entry = { type: 'fifo', path: 'extra', mode: 0o644 };
  return Buffer.concat([header(plain, flag, bytes.length), bytes, padding(bytes.length)]);
}

function header(entry: Entry, flag: string, size: number): Buffer {
  const block = Buffer.alloc(BLOCK);
  const number = (value: number, at: number, digits: number, largest: number): void => {
    block.write((value > largest ? 0 : value).toString(8).padStart(digits, '0'), at);
  };
  Buffer.from(entry.path).copy(block, 0, 0, LONGEST);
  number(entry.mode & 0o7777, 100, 7, LARGEST_ID);
  number(entry.owner?.uid ?? 0, 108, 7, LARGEST_ID);
  number(entry.owner?.gid ?? 0, 116, 7, LARGEST_ID);
  number(size, 124, 11, LARGEST_SIZE);
  number(entry.mtime ?? 0, 136, 11, LARGEST_SIZE);
  block.write(' '.repeat(8), 148);
  block.write(flag, 156);
  if ('target' in entry) Buffer.from(entry.target).copy(block, 157, 0, LONGEST);
  block.write('ustar\0', 257);
  block.write('00', 263);
  if ('major' in entry) {
    number(entry.major, 329, 7, LARGEST_ID);
    number(entry.minor, 337, 7, LARGEST_ID);
  }
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}

/** `LENGTH KEY=VALUE\n`, where the length counts itself. */
function record(key: string, value: string | number): string {
  const rest = ` ${key}=${value}\n`;
  const bytes = Buffer.byteLength(rest);
  let length = bytes;
  while (length !== bytes + String(length).length) length = bytes + String(length).length;
  return `${length}${rest}`;
}

function padding(length: number): Buffer {
  return Buffer.alloc((BLOCK - (length % BLOCK)) % BLOCK);
}

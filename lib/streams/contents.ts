import { randomBytes } from 'node:crypto';
import { type FileHandle, open, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type Vinyl from 'vinyl';
import { temporaryFolder } from '../system/temporary-folder';
import type { Content } from './entry';

/** Contents up to this size stay in memory. */
const IN_MEMORY = 1 << 20;
/** What is read at a time. */
const PIECE = 1 << 16;

/**
 * The bytes of a file's contents, whatever kind of stream they are: gulp 5 has duplex ones of streamx, which
 * `for await` never ends.
 *
 * @throws what the contents fail with; an error when they are closed before their end; the signal's reason
 */
export function bytesOf(source: Readable, signal: AbortSignal): Readable {
  const bytes = new PassThrough({ signal });
  const early = (): void => void bytes.destroy(new Error('the contents were closed before their end'));
  let ended = false;
  if (source.destroyed) {
    bytes.destroy(source.errored ?? new Error('the contents are closed'));
    return bytes;
  }
  source.once('error', (error: Error) => bytes.destroy(error));
  source.once('end', () => {
    ended = true;
  });
  source.once('close', () => ended || early());
  bytes.once('close', () => ended || source.destroy());
  source.pipe(bytes);
  return bytes;
}

/** Contents that are a stream; vinyl's types know them by what all streams have. */
export function streamOf(file: Vinyl): Readable {
  return file.contents as unknown as Readable;
}

/** All of a file's contents in memory. */
export async function wholeOf(file: Vinyl, signal: AbortSignal): Promise<Buffer> {
  return file.isBuffer() ? file.contents : buffer(bytesOf(streamOf(file), signal));
}

/** Contents of a known size. */
export interface Sized {
  content: Content;
  /** Frees them; they may have been read or not. */
  free: () => Promise<void>;
}

/**
 * Reads contents to their end, as headers of archives have the size before the bytes and `stat.size` is wrong as soon as
 * a stream in between changed them. Large ones go through a temporary file, which has no name from the start, so that
 * nothing can be left behind.
 *
 * @param watch sees every byte
 */
export async function sized(
  file: Vinyl,
  signal: AbortSignal,
  watch: (bytes: Uint8Array) => void,
): Promise<Sized> {
  if (file.isBuffer()) {
    watch(file.contents);
    return { content: file.contents, free: async () => undefined };
  }
  let spill: FileHandle | undefined;
  let waiting: Buffer[] = [];
  let unwritten = 0;
  let size = 0;
  const write = async (handle: FileHandle): Promise<void> => {
    for (const chunk of waiting) await handle.appendFile(chunk);
    waiting = [];
    unwritten = 0;
  };
  try {
    for await (const chunk of bytesOf(streamOf(file), signal) as AsyncIterable<Buffer>) {
      watch(chunk);
      waiting.push(chunk);
      unwritten += chunk.length;
      size += chunk.length;
      if (unwritten <= IN_MEMORY) continue;
      spill ??= await nameless();
      await write(spill);
    }
    if (spill === undefined) return { content: Buffer.concat(waiting), free: async () => undefined };
    await write(spill);
  } catch (error) {
    await spill?.close();
    throw error;
  }
  const handle = spill;
  return {
    content: { size, open: () => handle.createReadStream({ start: 0, autoClose: false }) },
    free: () => handle.close(),
  };
}

/** Contents that wait in a temporary file, which has no name, until somebody reads them, in any order or never. */
export interface Spool {
  /**
   * Reads contents to their end, one after the other.
   *
   * @param watch sees every byte
   * @returns the same contents, to be read once
   */
  keep: (file: Vinyl, signal: AbortSignal, watch: (bytes: Uint8Array) => void) => Promise<Readable>;
  /** Nothing more comes; the file goes once everything that it holds is read or dropped. */
  close: () => Promise<void>;
}

/** Who drops contents does not say so. */
const DROPPED = new FinalizationRegistry<() => void>((free) => free());

/** Opens a spool; the file is made when there is something to keep. */
export function openSpool(): Spool {
  let spill: FileHandle | undefined;
  let end = 0;
  let closed = false;
  const waiting = new Set<object>();
  const done = async (token: object): Promise<void> => {
    waiting.delete(token);
    if (closed && waiting.size === 0) await spill?.close();
  };
  const between = async function* (from: number, to: number, token: object): AsyncGenerator<Buffer> {
    try {
      for (let at = from; at < to; ) {
        const piece = Buffer.allocUnsafe(Math.min(PIECE, to - at));
        const { bytesRead } = await (spill as FileHandle).read(piece, 0, piece.length, at);
        if (bytesRead === 0) throw new Error('a temporary file was cut off');
        at += bytesRead;
        yield piece.subarray(0, bytesRead);
      }
    } finally {
      await done(token);
    }
  };
  return {
    keep: async (file, signal, watch) => {
      const start = end;
      for await (const chunk of bytesOf(streamOf(file), signal) as AsyncIterable<Buffer>) {
        watch(chunk);
        spill ??= await nameless();
        await spill.appendFile(chunk);
        end += chunk.length;
      }
      const token = {};
      waiting.add(token);
      const contents = Readable.from(between(start, end, token), { objectMode: false });
      // One that is destroyed before it is read never gets to its end.
      contents.once('close', () => void done(token));
      DROPPED.register(contents, () => void done(token));
      return contents;
    },
    close: async () => {
      closed = true;
      if (waiting.size === 0) await spill?.close();
    },
  };
}

/** A temporary file without a name: it is gone when it is closed, whatever happens. */
export async function nameless(): Promise<FileHandle> {
  const path = join(temporaryFolder(), `dock0-stream-${randomBytes(6).toString('hex')}`);
  const handle = await open(path, 'wx+', 0o600);
  await unlink(path);
  return handle;
}

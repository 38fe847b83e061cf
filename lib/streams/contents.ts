import { randomBytes } from 'node:crypto';
import { type FileHandle, open, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, type Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type Vinyl from 'vinyl';
import type { Content } from './entry';

/** Contents up to this size stay in memory. */
const IN_MEMORY = 1 << 20;

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

/** A temporary file without a name: it is gone when it is closed, whatever happens. */
export async function nameless(): Promise<FileHandle> {
  const path = join(tmpdir(), `dock0-stream-${randomBytes(6).toString('hex')}`);
  const handle = await open(path, 'wx+', 0o600);
  await unlink(path);
  return handle;
}

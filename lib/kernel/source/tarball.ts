import {
  closeSync,
  createReadStream,
  fstatSync,
  openSync,
  type ReadStream,
  readFileSync,
  statSync,
} from 'node:fs';
import { open, readdir, stat, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { Dock0Error } from '../../error';
import { CommandError } from '../../system/process';
import type { Work } from '../work';

interface Compression {
  tool: string;
  suffix: string;
}

/** First bytes of a compressed file. */
const MAGIC: readonly (readonly [string, Compression])[] = [
  ['fd377a585a00', { tool: 'xz', suffix: '.xz' }],
  ['1f8b', { tool: 'gzip', suffix: '.gz' }],
  ['28b52ffd', { tool: 'zstd', suffix: '.zst' }],
  ['425a68', { tool: 'bzip2', suffix: '.bz2' }],
];

/** How a tarball is compressed; undefined when it is not. */
async function compressionOf(file: string): Promise<Compression | undefined> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(8), 0, 8, 0);
    const start = buffer.subarray(0, bytesRead).toString('hex');
    return MAGIC.find(([magic]) => start.startsWith(magic))?.[1];
  } finally {
    await handle.close();
  }
}

/**
 * The tar in a compressed tarball, as a file in the step's own temporary folder: kernel.org signs that.
 *
 * @param name what the tarball is called in messages
 * @returns the tarball itself when it is not compressed
 * @throws Dock0Error when the tarball is damaged
 */
export async function decompressed(tarball: string, name: string, work: Work): Promise<string> {
  const compression = await compressionOf(tarball);
  if (compression === undefined) return tarball;
  const tar = join(work.tmp, 'signed.tar');
  const link = `${tar}${compression.suffix}`;
  await symlink(tarball, link);
  const what = `decompressing ${name} for its signature`;
  work.progress(0, 1, what);
  let total = 0;
  const watch = setInterval(() => {
    const done = statSync(tar, { throwIfNoEntry: false })?.size ?? 0;
    if (total > 0) work.progress(Math.min(done, total), total, what);
  }, 300);
  try {
    if (compression.tool === 'xz') total = await tarSizeOf(link, work);
    await work.run(compression.tool, ['-d', '-k', '-f', link]);
  } catch (error) {
    throw damaged(error, `${name} can't be decompressed`);
  } finally {
    clearInterval(watch);
  }
  return tar;
}

/** From xz(1), "ROBOT MODE". */
async function tarSizeOf(file: string, work: Work): Promise<number> {
  const { stdout } = await work.run('xz', ['--robot', '--list', file]);
  return Number(/^totals\t\d+\t\d+\t\d+\t(\d+)/m.exec(stdout)?.[1] ?? 0);
}

/** A command that failed on a tarball, in a line; an error of something else, or of a full disk, as it is. */
function damaged(error: unknown, what: string): unknown {
  if (!(error instanceof CommandError) || /No space left/.test(error.output)) return error;
  return new Dock0Error(`${what}: ${error.message}`, { cause: error });
}

/**
 * Unpacks a kernel tarball into an empty folder.
 *
 * @returns the folder that holds the source: the archive's one top folder
 * @throws Dock0Error when the archive is damaged or holds no kernel source
 */
export async function unpack(tarball: string, into: string, name: string, work: Work): Promise<string> {
  const compression = await compressionOf(tarball);
  const filter = compression === undefined ? [] : [`--use-compress-program=${compression.tool}`];
  try {
    // Otherwise a backslash in the name of the folder begins an escape.
    const plain = ['--no-unquote', '--directory', into];
    const args = ['--extract', '--file=-', ...filter, '--no-same-owner', ...plain];
    await reading(tarball, `unpacking ${name}`, work, (input) => work.run('tar', args, { input }));
  } catch (error) {
    throw damaged(error, `${name} can't be unpacked`);
  }
  return topFolder(into, name);
}

/**
 * Hands an open file to a command as its input. Both share the place they are at in it (proc(5), fdinfo), which tells
 * how far the command is.
 */
async function reading<T>(
  file: string,
  what: string,
  work: Work,
  use: (input: ReadStream) => Promise<T>,
): Promise<T> {
  const descriptor = openSync(file, 'r');
  const total = fstatSync(descriptor).size;
  work.progress(0, total, what);
  const watch = setInterval(() => {
    const place = /^pos:\s*(\d+)/.exec(readFileSync(`/proc/self/fdinfo/${descriptor}`, 'utf8'))?.[1];
    work.progress(Number(place), total, what);
  }, 300);
  try {
    return await use(createReadStream('', { fd: descriptor, autoClose: false }));
  } finally {
    clearInterval(watch);
    closeSync(descriptor);
  }
}

async function topFolder(into: string, name: string): Promise<string> {
  const entries = await readdir(into);
  const top = entries.length === 1 ? join(into, entries[0] as string) : into;
  await requireSource(top, name);
  return top;
}

/**
 * Refuses a folder that is no Linux source.
 *
 * @throws Dock0Error that says what it lacks
 */
export async function requireSource(folder: string, name: string): Promise<void> {
  for (const file of ['Makefile', 'Kconfig']) {
    if ((await stat(join(folder, file)).catch(() => undefined))?.isFile()) continue;
    throw new Dock0Error(`${name} holds no Linux source: there is no ${file} at its top`);
  }
}

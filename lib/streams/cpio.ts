import { PassThrough, type Readable } from 'node:stream';
import through2 from 'through2';
import Vinyl from 'vinyl';
import { type Archive, type ArchiveOptions, type Content, type Entry, openArchive } from './newc';

type ObjectStream = ReturnType<typeof through2.obj>;

/**
 * A stream that packs vinyl files into a single one: a newc cpio archive, as an initramfs is. Files are in the order they
 * arrive, by their path relative to the base. It uses their contents (stream, buffer; none for a folder), `stat.mode`,
 * for device nodes `stat.rdev`, and for symbolic links `symlink` (`gulp.src(…, { resolveSymlinks: false })`). Contents
 * are streamed, so the whole archive is never in memory. Without files there is no archive.
 *
 * @param name the file name of the archive
 * @throws Dock0Error (as the stream's error) when two files have the same path, or a stream does not have `stat.size` bytes
 */
export function cpio(name = 'initramfs.cpio', options: ArchiveOptions = {}): ObjectStream {
  let output: PassThrough | undefined;
  let archive: Archive | undefined;
  const stream: ObjectStream = through2.obj(
    async (file: Vinyl): Promise<void> => {
      if (archive === undefined) {
        output = new PassThrough();
        // Its reader gets the error, but there may be no reader yet.
        output.on('error', () => undefined);
        archive = openArchive(output, options);
        stream.push(
          new Vinyl({ cwd: file.cwd, base: file.base, path: `${file.base}/${name}`, contents: output }),
        );
      }
      if (file.relative !== '') await archive.add(await entryOf(file));
    },
    async (): Promise<void> => {
      await archive?.end();
    },
  );
  stream.once('error', (error: Error) => output?.destroy(error));
  return stream;
}

async function entryOf(file: Vinyl): Promise<Entry> {
  const path = file.relative.split('\\').join('/');
  const mode = file.stat?.mode;
  if (file.isSymbolic()) return { type: 'symlink', path, mode: 0o777, target: file.symlink ?? '' };
  if (file.isStream() || file.isBuffer()) {
    return { type: 'file', path, mode: mode ?? 0o644, content: await contentOf(file) };
  }
  const kind = mode === undefined ? undefined : mode & 0o170000;
  if (kind === 0o010000) return { type: 'fifo', path, mode: mode as number };
  if (kind === 0o020000 || kind === 0o060000) {
    const type = kind === 0o020000 ? 'character' : 'block';
    return { type, path, mode: mode as number, ...deviceOf(Number(file.stat?.rdev ?? 0)) };
  }
  return { type: 'directory', path, mode: mode ?? 0o755 };
}

async function contentOf(file: Vinyl): Promise<Content> {
  if (file.isBuffer()) return file.contents;
  const source = file.contents as unknown as Readable;
  const size = file.stat?.size;
  if (size !== undefined) return { size, open: () => source };
  // The header has the size, so a stream of unknown size has to be read first.
  const chunks: Buffer[] = [];
  for await (const chunk of source) chunks.push(Buffer.from(chunk as Uint8Array));
  return Buffer.concat(chunks);
}

/** The numbers of a device from Linux's 64-bit encoding (makedev(3)). */
export function deviceOf(rdev: number): { major: number; minor: number } {
  const bits = BigInt(rdev);
  const major = ((bits >> 8n) & 0xfffn) | ((bits >> 32n) & ~0xfffn);
  const minor = (bits & 0xffn) | ((bits >> 12n) & ~0xffn & 0xffffffffn);
  return { major: Number(major), minor: Number(minor) };
}

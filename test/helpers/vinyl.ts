import { Readable, type Transform } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import Vinyl from 'vinyl';

/** A vinyl file below `/src`, with what a test wants to state of its stat. */
export function vinyl(path: string, contents?: string | Buffer | Readable | null, stat: object = {}): Vinyl {
  const file = new Vinyl({ base: '/src', path: `/src/${path}` });
  if (contents !== undefined && contents !== null) {
    file.contents = (typeof contents === 'string' ? Buffer.from(contents) : contents) as never;
  }
  file.stat = { mode: file.isNull() ? 0o40755 : 0o100644, ...stat } as never;
  return file;
}

export function vinylLink(path: string, symlink: string, stat: object = {}): Vinyl {
  return Object.assign(vinyl(path, null, { mode: 0o120777, isSymbolicLink: () => true, ...stat }), {
    symlink,
  });
}

/** What comes out of a stream, each file's contents read before the next is taken; undefined where there are none. */
export async function through(
  stream: Transform,
  files: Iterable<Vinyl>,
): Promise<{ file: Vinyl; bytes: Buffer | undefined }[]> {
  Readable.from(files).pipe(stream);
  const found: { file: Vinyl; bytes: Buffer | undefined }[] = [];
  for await (const file of stream) {
    const contents = file.contents as Buffer | Readable | null;
    const bytes = contents === null || Buffer.isBuffer(contents) ? contents : await buffer(contents);
    found.push({ file, bytes: bytes ?? undefined });
  }
  return found;
}

/** The error of a stream for these files. */
export async function failureOf(stream: Transform, files: Iterable<Vinyl>): Promise<Failure> {
  return through(stream, files).then(
    () => {
      throw new Error('nothing failed');
    },
    (error) => error,
  );
}

/** What a PluginError has. */
export type Failure = Error & { plugin?: string; fileName?: string; hint?: string };

/** A stream that fails after its first bytes. */
export function broken(message: string): Readable {
  const bytes = function* (): Generator<Buffer> {
    yield Buffer.from('first');
    throw new Error(message);
  };
  return Readable.from(bytes(), { objectMode: false });
}

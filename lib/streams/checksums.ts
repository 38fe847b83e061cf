import { createHash } from 'node:crypto';
import { Readable, Transform } from 'node:stream';
import through2 from 'through2';
import Vinyl from 'vinyl';
import { sha256sums } from './sha256sums';

type ObjectStream = ReturnType<typeof through2.obj>;

/**
 * A stream that passes vinyl files on and adds one at the end with their SHA-256 sums, as sha256sum(1) writes them.
 * Contents are hashed while the next stream reads them.
 *
 * @param name the name of that file
 */
export function checksums(name = 'SHA256SUMS'): ObjectStream {
  const pending: Promise<{ path: string; sha256: string }>[] = [];
  let first: Vinyl | undefined;
  return through2.obj(
    async (file: Vinyl): Promise<Vinyl> => {
      first ??= file;
      const path = file.relative;
      if (file.isBuffer()) {
        pending.push(
          Promise.resolve({ path, sha256: createHash('sha256').update(file.contents).digest('hex') }),
        );
      } else if (file.isStream()) {
        const { stream, digest } = hashing(file.contents as unknown as Readable);
        file.contents = stream;
        pending.push(digest.then((sha256) => ({ path, sha256 })));
      }
      return file;
    },
    async function (this: ObjectStream): Promise<void> {
      if (first === undefined) return;
      const { cwd, base } = first;
      // Read last, when all sums are known.
      const text = async function* (): AsyncGenerator<string> {
        yield sha256sums(await Promise.all(pending));
      };
      this.push(
        new Vinyl({
          cwd,
          base,
          path: `${base}/${name}`,
          contents: Readable.from(text(), { objectMode: false }),
        }),
      );
    },
  );
}

function hashing(source: Readable): { stream: Transform; digest: Promise<string> } {
  const hash = createHash('sha256');
  const stream = new Transform({
    transform: (chunk: Buffer, _encoding, done) => {
      hash.update(chunk);
      done(null, chunk);
    },
  });
  const digest = new Promise<string>((resolve, reject) => {
    stream.once('end', () => resolve(hash.digest('hex')));
    stream.once('error', reject);
  });
  digest.catch(() => undefined);
  source.once('error', (error: Error) => stream.destroy(error));
  source.pipe(stream);
  return { stream, digest };
}

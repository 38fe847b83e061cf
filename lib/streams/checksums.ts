import { createHash } from 'node:crypto';
import { Readable, type Transform } from 'node:stream';
import type PluginError from 'plugin-error';
import Vinyl from 'vinyl';
import { bytesOf, streamOf } from './contents';
import { checkName } from './options';
import { plugin, pluginError } from './plugin';
import { sha256sums } from './sha256sums';

/**
 * A stream that passes vinyl files on and adds one at the end with their SHA-256 sums, as sha256sum(1) writes them; it
 * takes the place of one from an earlier time. Contents are hashed while the next stream reads them; folders and links
 * have no sum.
 *
 * @param name the name of that file
 * @throws PluginError at once for a wrong name; as the error of the stream, and of the contents, for those that cannot be
 * read
 */
export function checksums(name = 'SHA256SUMS'): Transform {
  checkName('checksums', name);
  return plugin('checksums', ({ push, fail, signal }) => {
    const sums: Promise<{ path: string; sha256: string }>[] = [];
    let first: Vinyl | undefined;
    return {
      each: async (file) => {
        first ??= file;
        const path = file.relative;
        if (path === name) return;
        if (file.isBuffer()) {
          const sha256 = createHash('sha256').update(file.contents).digest('hex');
          sums.push(Promise.resolve({ path, sha256 }));
        } else if (file.isStream()) {
          const sum = hashed(file, signal, (error: unknown) => {
            const named = pluginError('checksums', error, file);
            fail(named);
            return named;
          });
          // Who reads the sums gets the error; there may be nobody yet.
          sum.catch(() => undefined);
          sums.push(sum.then((sha256) => ({ path, sha256 })));
        }
        push(file);
      },
      end: async () => {
        if (first === undefined) return;
        const { cwd, base } = first;
        // Read last, when all sums are known.
        const text = async function* (): AsyncGenerator<string> {
          yield sha256sums(await Promise.all(sums));
        };
        const contents = Readable.from(text(), { objectMode: false });
        push(new Vinyl({ cwd, base, path: `${base}/${name}`, contents }));
      },
    };
  });
}

/** Puts contents in the place of a file's that are hashed while they are read. */
function hashed(file: Vinyl, signal: AbortSignal, fail: (error: unknown) => PluginError): Promise<string> {
  return new Promise((resolve, reject) => {
    // The first error: a stream that fails aborts what is being read.
    let first: PluginError | undefined;
    const failed = (error: unknown): PluginError => {
      first ??= fail(error);
      reject(first);
      return first;
    };
    const source = streamOf(file);
    source.once('error', failed);
    const hash = createHash('sha256');
    const bytes = async function* (): AsyncGenerator<Buffer> {
      let whole = false;
      try {
        for await (const chunk of bytesOf(source, signal)) {
          hash.update(chunk);
          yield chunk;
        }
        whole = true;
        resolve(hash.digest('hex'));
      } catch (error) {
        throw failed(error);
      } finally {
        if (!whole) reject(new Error(`${file.relative}: was not read to its end`));
      }
    };
    file.contents = Readable.from(bytes(), { objectMode: false });
  });
}

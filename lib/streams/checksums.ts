import { createHash } from 'node:crypto';
import type { Transform } from 'node:stream';
import Vinyl from 'vinyl';
import { openSpool } from './contents';
import { checkName } from './options';
import { plugin } from './plugin';
import { sha256sums } from './sha256sums';

/**
 * A stream that passes vinyl files on and adds one at the end with their SHA-256 sums, as sha256sum(1) writes them; it
 * takes the place of one from an earlier time. Contents that are streams are hashed on their way through a temporary file,
 * which has no name, so that the streams behind may read them in any order, or not at all; folders and links have no sum.
 *
 * @param name the name of that file
 * @throws PluginError at once for a wrong name; as the error of the stream for contents that cannot be read
 */
export function checksums(name = 'SHA256SUMS'): Transform {
  checkName('checksums', name);
  return plugin('checksums', ({ push, signal }) => {
    const sums: { path: string; sha256: string }[] = [];
    const spool = openSpool();
    let first: Vinyl | undefined;
    return {
      each: async (file) => {
        first ??= file;
        const path = file.relative;
        if (path === name) return;
        if (file.isBuffer() || file.isStream()) {
          const hash = createHash('sha256');
          if (file.isBuffer()) hash.update(file.contents);
          else file.contents = await spool.keep(file, signal, (bytes) => hash.update(bytes));
          sums.push({ path, sha256: hash.digest('hex') });
        }
        push(file);
      },
      end: async () => {
        if (first === undefined) return;
        const { cwd, base } = first;
        const contents = Buffer.from(sha256sums(sums));
        push(new Vinyl({ cwd, base, path: `${base}/${name}`, contents }));
      },
      close: () => spool.close(),
    };
  });
}

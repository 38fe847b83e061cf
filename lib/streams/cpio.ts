import { PassThrough, type Transform } from 'node:stream';
import Vinyl from 'vinyl';
import { entries, isRoot } from './entries';
import { type Archive, type ArchiveOptions, openArchive } from './newc';
import { checkName, checkOptions, seconds } from './options';
import { plugin } from './plugin';

export interface CpioOptions {
  /** Modification time of every entry, in seconds since 1970; default: each file's own. */
  mtime?: ArchiveOptions['mtime'];
}

/**
 * A stream that packs vinyl files into a single one: a newc cpio archive, as an initramfs is. Files are in the order they
 * arrive, by their path relative to the base, with their mode, owner and modification time; symbolic links
 * (`gulp.src(…, { resolveSymlinks: false })`), hard links, device nodes and empty folders are kept. The archive is passed
 * on while it is written, so it is never whole in memory. Without files there is no archive.
 *
 * @param name the file name of the archive
 * @throws PluginError at once for an unknown or wrong option; as the stream's error for a path that leaves the archive, is
 * there twice or lies below a link, and for contents that cannot be read
 */
export function cpio(name = 'initramfs.cpio', options: CpioOptions = {}): Transform {
  checkName('cpio', name);
  checkOptions('cpio', options, { mtime: seconds });
  const { mtime } = options;
  return plugin('cpio', ({ push, signal }) => {
    const output = new PassThrough();
    // Its reader gets the error, but there may be no reader yet.
    output.on('error', () => undefined);
    let archive: Archive | undefined;
    const add = entries(signal, async (entry) =>
      archive?.add(mtime === undefined ? entry : { ...entry, mtime }),
    );
    return {
      each: async (file) => {
        if (archive === undefined) {
          archive = openArchive(output, mtime === undefined ? {} : { mtime });
          push(new Vinyl({ cwd: file.cwd, base: file.base, path: `${file.base}/${name}`, contents: output }));
        }
        if (!isRoot(file)) await add(file);
      },
      end: async () => archive?.end(),
      close: async (error) => {
        if (error !== undefined || !output.writableEnded) output.destroy(error ?? signal.reason);
      },
    };
  });
}

import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import type { Transform, Writable } from 'node:stream';
import Vinyl from 'vinyl';
import { nameless } from './contents';
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
 * (`gulp.src(…, { resolveSymlinks: false })`), hard links, device nodes and empty folders are kept. The archive is
 * written to a temporary file, which has no name, and passed on once it is whole: a stream that fails leaves no part of
 * an archive behind `gulp.dest()`. Without files there is no archive.
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
    let draft: Draft | undefined;
    const add = entries(signal, async (entry) =>
      draft?.archive.add(mtime === undefined ? entry : { ...entry, mtime }),
    );
    return {
      each: async (file) => {
        draft ??= await openDraft(file, mtime);
        if (!isRoot(file)) await add(file);
      },
      end: async () => {
        if (draft === undefined) return;
        const { archive, output, file, first } = draft;
        await Promise.all([once(output, 'finish'), archive.end()]);
        draft = undefined;
        const contents = file.createReadStream({ start: 0 });
        push(new Vinyl({ cwd: first.cwd, base: first.base, path: `${first.base}/${name}`, contents }));
      },
      close: async () => {
        draft?.output.destroy();
        await draft?.file.close();
      },
    };
  });
}

/** An archive that is being written to a temporary file. */
interface Draft {
  file: FileHandle;
  output: Writable;
  archive: Archive;
  first: Vinyl;
}

async function openDraft(first: Vinyl, mtime: number | undefined): Promise<Draft> {
  const file = await nameless();
  // A stream of the handle itself would keep it open for good.
  const output = createWriteStream('', { fd: file.fd, autoClose: false });
  // Whoever waits for the stream gets the error; there may be nobody yet.
  output.on('error', () => undefined);
  return { file, output, archive: openArchive(output, mtime === undefined ? {} : { mtime }), first };
}

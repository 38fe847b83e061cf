import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream, createWriteStream, type WriteStream } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import type { Transform } from 'node:stream';
import { finished } from 'node:stream/promises';
import Vinyl from 'vinyl';
import { type Guard, guard } from '../system/guard';
import { run } from '../system/process';
import { SQUASHFS_COMPRESSIONS, type SquashfsImage, writeSquashfs } from '../system/squashfs';
import { temporaryFolder } from '../system/temporary-folder';
import { type Attributes, attributesOf, entries, isRoot } from './entries';
import type { Archive } from './newc';
import { checkName, checkOptions, oneOf, seconds } from './options';
import { plugin } from './plugin';
import { openTar } from './tar';

export interface SquashfsOptions {
  /** Default: zstd. */
  compression?: SquashfsImage['compression'];
  /** Seconds since 1970: the time of the file system, and the latest of a file in it; default: the latest of a file. */
  epoch?: number;
}

/** A tar archive that is being written to a folder. */
interface Draft {
  work: string;
  tar: string;
  /** Removes `work`, whatever happens. */
  folder: Guard;
  output: WriteStream;
  archive: Archive;
  first: Vinyl;
}

/**
 * A stream that packs vinyl files into a single one: a squashfs image by mksquashfs(1). Files are at their path relative
 * to the base, with their mode, owner and modification time; symbolic links (`gulp.src(…, { resolveSymlinks: false })`),
 * hard links, device nodes and empty folders are kept. They go through a tar archive, so nothing of them is made on this
 * machine; it is removed afterwards, even if this process is killed. Without files there is no image.
 *
 * @param name the file name of the image
 * @throws PluginError at once for an unknown or wrong option; as the stream's error for a path that leaves the image, is
 * there twice or lies below a link, for contents that cannot be read, and when mksquashfs fails
 */
export function squashfs(name = 'root.squashfs', options: SquashfsOptions = {}): Transform {
  checkName('squashfs', name);
  checkOptions('squashfs', options, { compression: oneOf(SQUASHFS_COMPRESSIONS), epoch: seconds });
  const { compression = 'zstd' } = options;
  return plugin('squashfs', ({ push, signal }) => {
    let draft: Draft | undefined;
    let root: Attributes = { mode: 0o755 };
    let latest = 0;
    const timed = <T extends Attributes>(entry: T): T => {
      const mtime = Math.min(entry.mtime ?? 0, options.epoch ?? Number.POSITIVE_INFINITY);
      latest = Math.max(latest, mtime);
      return { ...entry, mtime };
    };
    const add = entries(signal, async (entry) => draft?.archive.add(timed(entry)));
    return {
      each: async (file) => {
        draft ??= await openDraft(file);
        if (isRoot(file)) root = timed(attributesOf(file, 0o755));
        else await add(file);
      },
      end: async () => {
        if (draft === undefined) return;
        const { work, tar, archive, output, first } = draft;
        await archive.end();
        await finished(output);
        const file = join(work, 'image');
        const { mode, mtime = 0 } = root;
        const source = { tar: createReadStream(tar), root: { mode, mtime } };
        await once(source.tar, 'open');
        const image = { source, file, compression, epoch: options.epoch ?? latest };
        await writeSquashfs(image, (command, args, more) => run(command, args, { ...more, signal }));
        // An open image can be read after its folder is removed.
        const contents = (await open(file)).createReadStream();
        await draft.folder.release();
        push(new Vinyl({ cwd: first.cwd, base: first.base, path: join(first.base, name), contents }));
      },
      close: async () => {
        draft?.output.destroy();
        await draft?.folder.release();
      },
    };
  });
}

async function openDraft(first: Vinyl): Promise<Draft> {
  const work = join(temporaryFolder(), `dock0-squashfs-${randomBytes(6).toString('hex')}`);
  const tar = join(work, 'tar');
  const folder = await guard(`${work}.lock`, { remove: [work, `${work}.lock`] });
  try {
    await mkdir(work, { mode: 0o700 });
    const output = createWriteStream(tar);
    await once(output, 'open');
    // Whoever waits for the stream gets the error; there may be nobody yet.
    output.on('error', () => undefined);
    return { work, tar, folder, output, archive: openTar(output), first };
  } catch (error) {
    await folder.release();
    throw error;
  }
}

import { randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { chmod, mkdir, open, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import through2 from 'through2';
import Vinyl from 'vinyl';
import { type Guard, guard } from '../system/guard';
import { run } from '../system/process';
import { type SquashfsImage, writeSquashfs } from '../system/squashfs';

type ObjectStream = ReturnType<typeof through2.obj>;

export interface SquashfsOptions {
  compression?: SquashfsImage['compression'];
  /** Seconds since 1970: the time of the file system, and the latest time of a file in it. */
  epoch?: number;
}

/**
 * A stream that packs vinyl files into a single one: a squashfs image by mksquashfs(1), with all files owned by root.
 * Files go through a folder that is removed afterwards, even if this process is killed. Without files there is no image.
 *
 * @param name the file name of the image
 * @throws CommandError (as the stream's error) when mksquashfs fails
 */
export function squashfs(
  name = 'root.squashfs',
  { compression = 'zstd', epoch = 0 }: SquashfsOptions = {},
): ObjectStream {
  const work = join(tmpdir(), `dock0-squashfs-${randomBytes(6).toString('hex')}`);
  const tree = join(work, 'tree');
  let held: Guard | undefined;
  let first: Vinyl | undefined;
  return through2.obj(
    async (file: Vinyl): Promise<void> => {
      if (first === undefined) {
        first = file;
        held = await guard(`${work}.lock`, { remove: [work, `${work}.lock`] });
        await mkdir(tree, { recursive: true });
      }
      await write(file, join(tree, file.relative));
    },
    async function (this: ObjectStream): Promise<void> {
      if (first === undefined) return;
      const image = join(work, 'image');
      try {
        await writeSquashfs({ source: tree, file: image, compression, epoch, allRoot: true }, run);
        // An open image can be read after its folder is removed.
        const contents = (await open(image)).createReadStream();
        this.push(new Vinyl({ cwd: first.cwd, base: first.base, path: join(first.base, name), contents }));
      } finally {
        await held?.release();
      }
    },
  );
}

async function write(file: Vinyl, target: string): Promise<void> {
  if (file.relative === '') return;
  await mkdir(dirname(target), { recursive: true });
  if (file.isSymbolic()) {
    await symlink(file.symlink ?? '', target);
    return;
  }
  if (file.isBuffer()) await writeFile(target, file.contents);
  else if (file.isStream())
    await pipeline(file.contents as unknown as NodeJS.ReadableStream, createWriteStream(target));
  else await mkdir(target, { recursive: true });
  if (file.stat?.mode !== undefined) await chmod(target, file.stat.mode & 0o7777);
}

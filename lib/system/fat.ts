import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Runner } from './sandbox';

/** A FAT32 file system to write into a file, without mounting anything. */
export interface FatImage {
  file: string;
  /** Where it begins and how long it is, in bytes: whole sectors. */
  offset: number;
  bytes: number;
  /** At most 11 letters. */
  label: string;
  /** 8 hex digits. */
  volumeId: string;
  /** The folder whose content it gets; its times are taken over, in UTC. */
  from: string;
}

const SECTOR = 512;
/** From here on there are enough clusters for FAT32, also where each has 4 KiB. */
const LARGE = 320 * 2 ** 20;

/** Writes the file system with mkfs.fat(8) and mcopy(1): the same content gives the same bytes. */
export async function writeFat(image: FatImage, run: Runner): Promise<void> {
  const { file, offset, bytes, label, volumeId, from } = image;
  const sector = String(offset / SECTOR);
  const same = ['--invariant', '-i', volumeId, '-n', label];
  const place = ['--offset', sector, '-h', sector];
  const cluster = bytes > LARGE ? '8' : '1';
  await run('mkfs.fat', ['-F', '32', '-s', cluster, ...same, ...place, file, String(bytes / 1024)]);
  const names = readdirSync(from)
    .sort()
    .map((name) => join(from, name));
  if (names.length === 0) return;
  // The check of mtools is about disks with geometries.
  const env = { MTOOLS_SKIP_CHECK: '1', TZ: 'UTC' };
  await run('mcopy', ['-s', '-m', '-Q', '-i', `${file}@@${offset}`, ...names, '::'], { env });
}

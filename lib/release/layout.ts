import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { linkOrCopy } from '../system/link-or-copy';

/**
 * Where things are on the file system that a machine boots from, relative to its root; the kernel command line names it
 * by `install.label`. The hook dock0 and the menus of boot loaders rely on this.
 */
export const LAYOUT = {
  /** The folder of a release. */
  release: (id: string): string => join('dock0', id),
  /** A link to the release that is booted. */
  current: 'dock0/current',
  /** How many MiB the partition is to have, once there is a disk that has them; read by the hook dock0-partitions. */
  room: 'dock0/room',
};

/** The files of a release that a machine has in the folder of the release, besides its layers and what its boot loader reads there. */
export const MACHINE_FILES = ['cmdline', 'manifest.json', 'SHA256SUMS'];

/** A release's own disk image, in its folder. */
export const DISK_IMAGE = 'disk.img';

/**
 * Fills a folder with what the file system of a machine has: one release, which is the current one. Files are hard
 * links where that is possible.
 *
 * @param release the release's folder
 * @param files the files to take, relative to it
 * @param staged the folder to fill
 * @param place gives a file another name; default: whatever the file is
 */
export function stageRelease(
  release: string,
  id: string,
  files: readonly string[],
  staged: string,
  place: (file: string, target: string) => void = linkOrCopy,
): void {
  const folder = join(staged, LAYOUT.release(id));
  mkdirSync(folder, { recursive: true });
  for (const file of files) place(join(release, file), join(folder, file));
  symlinkSync(id, join(staged, LAYOUT.current));
}

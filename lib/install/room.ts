import { Dock0Error } from '../error';

/** What has to fit on a disk. */
export interface Wanted {
  /** What one release takes on its file system, in bytes. */
  release: number;
  /** How many of them are to have room. */
  releases: number;
  /** What is on the disk besides releases and volumes, in bytes. */
  overhead: number;
  volumes: VolumeSizes;
}

/** The sizes of volumes that a machine makes on its disk: in mebibytes, or the rest of it. */
export type VolumeSizes = readonly (number | 'rest')[];

/** How a disk is divided, in bytes. */
export interface Divided {
  bytes: number;
  /** Of the file system with the releases, whole mebibytes. */
  releases: number;
}

const MEBIBYTE = 2 ** 20;
/** A volume that takes the rest has at least this, in mebibytes, from which it grows: the hook dock0-partitions has the same number. */
const LEAST_REST = 16;

/** What volumes take at least, in bytes. */
export function volumesBytes(volumes: VolumeSizes): number {
  const made = volumes.reduce<number>((sum, own) => sum + (own === 'rest' ? LEAST_REST : own), 0);
  return made * MEBIBYTE;
}

/**
 * Divides a disk image. A disk whose size nobody stated has room for one release: more of them, and the volume that takes
 * the rest, get theirs at the first boot from the disk that it was written to.
 *
 * @param size in bytes; `auto`: what it takes
 * @throws Dock0Error when the release and the volumes do not fit, with the least size
 */
export function divide({ release, releases, overhead, volumes }: Wanted, size: number | 'auto'): Divided {
  const besides = overhead + volumesBytes(volumes);
  if (size === 'auto') return { bytes: release + besides, releases: release };
  if (size < release + besides)
    throw new Dock0Error('install.size: the release does not fit into the disk image', {
      hint: `It takes at least ${Math.ceil((release + besides) / MEBIBYTE)}M; \`auto\` makes it fit.`,
    });
  const room = Math.floor((size - besides) / MEBIBYTE) * MEBIBYTE;
  return { bytes: size, releases: volumes.length === 0 ? room : Math.min(room, release * releases) };
}

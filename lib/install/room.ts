import { Dock0Error } from '../error';
import type { VolumePartition } from './layout';

/** What has to fit on a disk. */
export interface Wanted {
  /** What one release takes on its file system, in bytes. */
  release: number;
  /** How many of them are to have room. */
  releases: number;
  /** What is on the disk besides releases and volumes. */
  overhead: number;
  /** Volumes with a size in bytes, or the rest of the disk; the latter is the last. */
  volumes: readonly { name: string; bytes: number | 'rest' }[];
}

/** A volume that takes the rest has at least this, from which it grows. */
export const LEAST_REST = 16 * 2 ** 20;

/**
 * Divides a disk. Releases get room for as many as are wanted; a volume that takes the rest gets the rest, and where there
 * is none, the releases do.
 *
 * @param size of the disk, in bytes; `auto`: what it takes
 * @returns the size of the disk and its volumes
 * @throws Dock0Error when not even one release fits, with the least size
 */
export function divide(
  { release, releases, overhead, volumes }: Wanted,
  size: number | 'auto',
): { bytes: number; volumes: VolumePartition[] } {
  const sized = volumes.reduce((sum, { bytes }) => sum + (bytes === 'rest' ? LEAST_REST : bytes), overhead);
  const roomy = release * releases;
  const bytes = size === 'auto' ? roomy + sized : size;
  if (bytes < release + sized)
    throw new Dock0Error('install.size: the release does not fit into the disk image', {
      hint: `It takes at least ${Math.ceil((release + sized) / 2 ** 20)}M; \`auto\` makes it fit.`,
    });
  const rest = LEAST_REST + Math.max(0, bytes - sized - roomy);
  return {
    bytes,
    volumes: volumes.map(({ name, bytes: own }) => ({ name, bytes: own === 'rest' ? rest : own })),
  };
}

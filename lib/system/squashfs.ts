import type { Runner } from './sandbox';

/** A squashfs image to be written. */
export interface SquashfsImage {
  /** The folder whose content it gets. */
  source: string;
  /** The image, a file that is made or replaced. */
  file: string;
  compression: 'zstd' | 'xz' | 'gzip' | 'lz4' | 'lzo';
  /** 1 to 22, capped at what the compression has; xz has none, lz4 only 1 and above. Default: mksquashfs's. */
  level?: number;
  /** The size of a block, as mksquashfs takes it: `128K`. Default: mksquashfs's. */
  block?: string;
  /** Seconds since the epoch: the time of the file system, and the latest of a file in it. */
  epoch: number;
  /** All files belong to root, whoever owns them in `source`. */
  allRoot?: boolean;
}

const MOST: Partial<Record<SquashfsImage['compression'], number>> = { zstd: 22, gzip: 9, lzo: 9 };

/**
 * Packs a folder with mksquashfs(1). The same content gives the same bytes. Whiteouts, extended attributes,
 * capabilities, hard links, device nodes and holes are kept.
 *
 * @throws CommandError when mksquashfs fails
 */
export async function writeSquashfs(image: SquashfsImage, run: Runner): Promise<void> {
  const { source, file, compression, level, block, epoch, allRoot = false } = image;
  const flags = [
    ...['-noappend', '-no-progress', '-quiet', '-comp', compression],
    ...(block === undefined ? [] : ['-b', block]),
    ...(level === undefined ? [] : levelFlags(compression, level)),
    ...(allRoot ? ['-all-root'] : []),
  ];
  await run('mksquashfs', [source, file, ...flags], { env: { SOURCE_DATE_EPOCH: String(epoch) } });
}

function levelFlags(compression: SquashfsImage['compression'], level: number): string[] {
  if (compression === 'lz4') return level > 1 ? ['-Xhc'] : [];
  const most = MOST[compression];
  return most === undefined ? [] : ['-Xcompression-level', String(Math.min(level, most))];
}

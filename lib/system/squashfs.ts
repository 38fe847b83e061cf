import type { Readable } from 'node:stream';
import type { Runner } from './sandbox';

export const SQUASHFS_COMPRESSIONS = ['zstd', 'xz', 'gzip', 'lz4', 'lzo'] as const;

/** A squashfs image to be written. */
export interface SquashfsImage {
  /**
   * The folder whose content it gets, or a tar archive, of which mksquashfs does not read the root folder: that one always
   * belongs to root, because mksquashfs 4.5 ignores `-root-uid` and `-root-gid` there.
   */
  source: string | { tar: Readable; root: { mode: number; mtime: number } };
  /** The image, a file that is made or replaced. */
  file: string;
  compression: (typeof SQUASHFS_COMPRESSIONS)[number];
  /** 1 to 22, capped at what the compression has; xz has none, lz4 only 1 and above. Default: mksquashfs's. */
  level?: number;
  /** The size of a block, as mksquashfs takes it: `128K`. Default: mksquashfs's. */
  block?: string;
  /** Seconds since the epoch: the time of the file system, and the latest of a file in it. */
  epoch: number;
}

const MOST: Partial<Record<SquashfsImage['compression'], number>> = { zstd: 22, gzip: 9, lzo: 9 };

/**
 * Packs a folder or a tar archive with mksquashfs(1). The same content gives the same bytes. Whiteouts, extended attributes,
 * capabilities, hard links, device nodes and holes are kept.
 *
 * @throws CommandError when mksquashfs fails
 */
export async function writeSquashfs(image: SquashfsImage, run: Runner): Promise<void> {
  const { source, file, compression, level, block, epoch } = image;
  const flags = [
    ...['-noappend', '-no-progress', '-quiet', '-comp', compression],
    ...(block === undefined ? [] : ['-b', block]),
    ...(level === undefined ? [] : levelFlags(compression, level)),
  ];
  const env = { SOURCE_DATE_EPOCH: String(epoch) };
  if (typeof source === 'string') {
    await run('mksquashfs', [source, file, ...flags], { env });
    return;
  }
  const { tar, root } = source;
  const rootFlags = ['-root-mode', root.mode.toString(8), '-root-time', String(root.mtime)];
  await run('mksquashfs', ['-', file, '-tar', ...flags, ...rootFlags], { env, input: tar });
}

function levelFlags(compression: SquashfsImage['compression'], level: number): string[] {
  if (compression === 'lz4') return level > 1 ? ['-Xhc'] : [];
  const most = MOST[compression];
  return most === undefined ? [] : ['-Xcompression-level', String(Math.min(level, most))];
}

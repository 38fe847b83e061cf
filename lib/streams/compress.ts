import { createReadStream, createWriteStream } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { Runner } from '../system/sandbox';

export type Compression = 'zstd' | 'gzip' | 'none';

/** The default levels: most of the gain, at a tenth of a second per megabyte. */
const LEVELS = { zstd: 9, gzip: 9 };

/** The level to use: zstd's above 19 need more memory than the kernel has at boot. */
export function compressionLevel(compression: 'zstd' | 'gzip', level: number | undefined): number {
  return Math.min(level ?? LEVELS[compression], compression === 'zstd' ? 19 : 9);
}

/**
 * Compresses a file so that the kernel can unpack it as an initramfs. The result is reproducible: one thread, no name
 * and no time in the header.
 *
 * @param level zstd: 1 to 19; gzip: 1 to 9; higher ones count as the highest
 */
export async function compressFile(
  from: string,
  to: string,
  compression: Compression,
  run: Runner,
  level?: number,
): Promise<void> {
  if (compression === 'none') return copyFile(from, to);
  if (compression === 'gzip') {
    const gzip = createGzip({ level: compressionLevel(compression, level) });
    return pipeline(createReadStream(from), gzip, createWriteStream(to));
  }
  const flag = `-${compressionLevel(compression, level)}`;
  await run('zstd', ['--quiet', '--force', '--single-thread', flag, '-o', to, '--', from]);
}

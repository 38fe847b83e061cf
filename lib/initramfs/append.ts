import { copyFileSync, createWriteStream, statSync, truncateSync } from 'node:fs';
import type { Entry } from '../streams/entry';
import { type ArchiveOptions, writeCpio } from '../streams/newc';

const KERNEL_ALIGNMENT = 4;

/**
 * Writes an initrd of an initramfs, unchanged, followed by a second archive; the kernel unpacks one after the other
 * (Documentation/driver-api/early-userspace/buffer-format.rst).
 *
 * @param target the file to write
 * @param entries the files of the second archive
 */
export async function appendArchive(
  initramfs: string,
  target: string,
  entries: readonly Entry[],
  options?: ArchiveOptions,
): Promise<void> {
  copyFileSync(initramfs, target);
  truncateSync(target, Math.ceil(statSync(target).size / KERNEL_ALIGNMENT) * KERNEL_ALIGNMENT);
  await writeCpio(entries, createWriteStream(target, { flags: 'a' }), options);
}

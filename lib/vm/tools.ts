import type { Config } from '../config/schema';
import type { Tool } from '../engine/step';
import { QEMU } from './qemu';

/** What runs a release in a virtual machine: QEMU, what formats its disks, and what its own initramfs consists of. */
export function vmTools({ volumes }: Config): Tool[] {
  const types = new Set(Object.values(volumes).map(({ type }) => type));
  const formatters = [...types].filter((type) => type !== 'ext4').map((type) => `mkfs.${type}`);
  return [QEMU, 'mke2fs', 'debugfs', ...formatters, 'busybox'].map((name) => ({ name }));
}

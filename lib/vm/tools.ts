import type { Config } from '../config/schema';
import type { Tool } from '../engine/step';
import { QEMU } from './qemu';
import { FIRMWARE_TOOLS } from './qemu-firmware';

/** What runs a release in a virtual machine: QEMU, what formats its disks, and what its own initramfs consists of. */
export function vmTools({ volumes, root, users }: Config): Tool[] {
  const types = new Set(Object.values(volumes).map(({ type }) => type));
  const formatters = [...types].filter((type) => type !== 'ext4').map((type) => `mkfs.${type}`);
  // Logins are tried.
  const keys = [root, ...Object.values(users)].some((account) => account.ssh_keys.length > 0);
  const ssh = keys ? ['ssh', 'ssh-keygen'] : [];
  return [QEMU, 'mke2fs', 'debugfs', ...formatters, 'busybox', ...ssh]
    .map((name): Tool => ({ name }))
    .concat(FIRMWARE_TOOLS);
}

import { truncateSync, writeFileSync } from 'node:fs';
import { writeDiskImage } from '../../system/ext4';
import type { Layout } from './layout';

/** One file system on the whole disk, for what brings a boot loader of its own or starts the kernel directly. */
export const filesystem: Layout = {
  tools: [],
  boots: false,
  overhead: () => 0,
  room: () => 1,
  write: async ({ bytes, ...image }, run) => {
    writeFileSync(image.file, '');
    truncateSync(image.file, bytes);
    await writeDiskImage({ ...image, at: { offset: 0, bytes } }, run);
  },
};

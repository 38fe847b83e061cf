import { closeSync, openSync, readdirSync, utimesSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { uuidOf, writeDiskImage } from '../../system/ext4';
import { writeFat } from '../../system/fat';
import { writePartitionTable } from '../../system/partition-table';
import { overheadBytes, partitionsOf } from '../layout';
import type { Layout } from './layout';

/** A GUID partition table, from which machines with BIOS and with UEFI boot. */
export const gpt: Layout = {
  tools: [
    { name: 'sfdisk' },
    { name: 'mkfs.fat', versioned: true, packages: { debian: 'dosfstools', arch: 'dosfstools' } },
    { name: 'mcopy', packages: { debian: 'mtools', arch: 'mtools' } },
  ],
  boots: true,
  overhead: overheadBytes,
  // A new release comes beside the one that runs and the one before.
  room: (releases) => Math.max(3, releases),
  write: async (image, run) => {
    const { file, bytes, releases, id, epoch, boot } = image;
    const partitions = partitionsOf(id, releases, boot?.bytes);
    await writePartitionTable(file, { uuid: uuidOf(`${id} disk`), bytes, partitions }, run);
    const { start: offset, bytes: size } = partitions.releases;
    await writeDiskImage({ ...image, at: { offset, bytes: size } }, run);
    if (boot === undefined) return;
    const { start, bytes: room } = partitions.esp;
    for (const path of readdirSync(boot.esp, { recursive: true, encoding: 'utf8' }))
      utimesSync(join(boot.esp, path), epoch, epoch);
    const volumeId = uuidOf(`${id} esp`).slice(0, 8);
    await writeFat({ file, offset: start, bytes: room, label: 'ESP', volumeId, from: boot.esp }, run);
    const disk = openSync(file, 'r+');
    try {
      for (const { offset: at, bytes: code } of boot.raw) writeSync(disk, code, 0, code.length, at);
    } finally {
      closeSync(disk);
    }
  },
};

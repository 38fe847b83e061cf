import { closeSync, openSync, readdirSync, utimesSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { BuildRun } from '../../build';
import { uuidOf, writeDiskImage } from '../../system/ext4';
import { writeFat } from '../../system/fat';
import { writePartitionTable } from '../../system/partition-table';
import type { Boot } from '../boot';
import { overheadBytes, partitionsOf } from '../layout';
import type { RawCode } from '../loaders/loader';
import type { Image, Layout } from './layout';

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
    const { file, bytes, releases, id, boot } = image;
    const partitions = partitionsOf(id, releases, boot?.bytes);
    const { start: offset, bytes: size } = partitions.releases;
    // This one makes the file; then each writes to a part of its own.
    const table = writePartitionTable(file, { uuid: uuidOf(`${id} disk`), bytes, partitions }, run);
    const writing = [writeDiskImage({ ...image, at: { offset, bytes: size } }, run), table];
    if (boot !== undefined) {
      writing.push(writeEsp(image, boot, partitions.esp, run));
      // The table has its own of the first sector.
      writing.push(Promise.all([boot.raw(), table]).then(([code]) => writeCode(file, code)));
    }
    // All to the end: what fails must not leave another one writing.
    const ended = await Promise.allSettled(writing);
    for (const each of ended) if (each.status === 'rejected') throw each.reason;
  },
};

function writeCode(file: string, code: RawCode): void {
  const disk = openSync(file, 'r+');
  try {
    for (const { offset, bytes } of code) writeSync(disk, bytes, 0, bytes.length, offset);
  } finally {
    closeSync(disk);
  }
}

async function writeEsp(
  { file, id, epoch }: Image,
  { esp: from }: Boot,
  { start: offset, bytes }: { start: number; bytes: number },
  run: BuildRun['run'],
): Promise<void> {
  for (const path of readdirSync(from, { recursive: true, encoding: 'utf8' }))
    utimesSync(join(from, path), epoch, epoch);
  const volumeId = uuidOf(`${id} esp`).slice(0, 8);
  await writeFat({ file, offset, bytes, label: 'ESP', volumeId, from }, run);
}

import { closeSync, mkdirSync, openSync, utimesSync, writeFileSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { uuidOf, writeDiskImage } from '../../system/ext4';
import { writeFat } from '../../system/fat';
import { type Disk, writePartitionTable } from '../../system/partition-table';
import { OVERHEAD_BYTES, partitionsOf } from '../layout';
import type { BootCode } from '../loaders/loader';
import type { Image, Layout } from './layout';

/** A GUID partition table, from which machines with BIOS and with UEFI boot. */
export const gpt: Layout = {
  tools: [
    { name: 'sfdisk' },
    { name: 'mkfs.fat', versioned: true, packages: { debian: 'dosfstools', arch: 'dosfstools' } },
    { name: 'mcopy', packages: { debian: 'mtools', arch: 'mtools' } },
  ],
  overhead: OVERHEAD_BYTES,
  // A new release comes beside the one that runs.
  room: (releases) => Math.max(2, releases),
  write: async (image, run) => {
    const { file, bytes, releases, id, tmp, loader } = image;
    const partitions = partitionsOf(id, releases);
    await writePartitionTable(file, { uuid: uuidOf(`${id} disk`), bytes, partitions }, run);
    const { start: offset, bytes: size } = partitions.releases;
    await writeDiskImage({ ...image, at: { offset, bytes: size } }, run);
    const { raw, efi } = await loader.code({ tmp, run });
    await writeEsp(image, partitions.esp, efi, run);
    const disk = openSync(file, 'r+');
    try {
      for (const { offset: at, bytes: code } of raw) writeSync(disk, code, 0, code.length, at);
    } finally {
      closeSync(disk);
    }
  },
};

async function writeEsp(
  { file, id, epoch, tmp }: Image,
  { start, bytes }: Disk['partitions'][string],
  files: BootCode['efi'],
  run: Parameters<Layout['write']>[1],
): Promise<void> {
  const from = join(tmp, 'esp');
  mkdirSync(from, { recursive: true });
  const written = Object.entries(files).map(([path, content]) => {
    const target = join(from, path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, content);
    return target;
  });
  for (const path of written) for (let at = path; at !== from; at = dirname(at)) utimesSync(at, epoch, epoch);
  const volumeId = uuidOf(`${id} esp`).slice(0, 8);
  await writeFat({ file, offset: start, bytes, label: 'ESP', volumeId, from }, run);
}

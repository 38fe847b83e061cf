import { truncateSync, writeFileSync } from 'node:fs';
import type { Runner } from './sandbox';

/** A partition of a disk. */
export interface Partition {
  name: string;
  /** The GUID of its type. */
  type: string;
  uuid: string;
  /** In bytes from the start of the disk. */
  start: number;
  bytes: number;
}

/** A disk with a partition table. */
export interface Disk<Name extends string = string> {
  uuid: string;
  bytes: number;
  /** In the order of the table, from 1. */
  partitions: Record<Name, Partition>;
}

const SECTOR = 512;

/** Makes a file a disk with nothing on it but a GUID partition table (sfdisk(8), "Input formats"). It is sparse. */
export async function writePartitionTable(file: string, disk: Disk, run: Runner): Promise<void> {
  writeFileSync(file, '');
  truncateSync(file, disk.bytes);
  const lines = Object.values(disk.partitions).map(({ name, type, uuid, start, bytes }) =>
    [
      `start=${start / SECTOR}`,
      `size=${bytes / SECTOR}`,
      `type=${type}`,
      `uuid=${uuid}`,
      `name="${name}"`,
    ].join(', '),
  );
  const script = ['label: gpt', `label-id: ${disk.uuid}`, ...lines, ''].join('\n');
  await run(
    'sfdisk',
    ['--quiet', '--no-reread', '--no-tell-kernel', '--wipe=never', '--wipe-partitions=never', file],
    { input: script },
  );
}

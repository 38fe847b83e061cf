import { uuidOf } from '../system/ext4';
import type { Partition } from '../system/partition-table';

/** The partitions of a disk that boots by itself, before its first boot. */
export type BootPartitions = Record<'bios' | 'esp' | 'releases', Partition>;

/**
 * The types of partitions: the BIOS boot partition of the GRUB manual ("BIOS installation"), the EFI system partition
 * of the UEFI specification (5.3.3), and generic Linux data of the Discoverable Partitions Specification.
 */
const TYPES = {
  bios: '21686148-6449-6E6F-744E-656564454649',
  esp: 'C12A7328-F81F-11D2-BA4B-00A0C93EC93B',
  releases: '0FC63DAF-8483-4772-8E79-3D69D8477DE4',
};

const MEBIBYTE = 2 ** 20;
/** The BIOS boot partition is always in the same place. The core of GRUB takes a fifth of it. */
export const BIOS_BOOT = { start: MEBIBYTE, bytes: MEBIBYTE };
/** A file system that firmware takes for FAT32 has at least 65,525 clusters: 32 MiB of sectors, and its tables. */
const ESP_BYTES = 34 * MEBIBYTE;
/** The second copy of the table is at the end of the disk. */
const END_BYTES = MEBIBYTE;

/** Where the partition with the releases begins. */
export const RELEASES_START = BIOS_BOOT.start + BIOS_BOOT.bytes + ESP_BYTES;

/** The number of the partition with the releases, which the boot loader is told. */
export const RELEASES_NUMBER = 3;

/** What a disk takes besides its releases, in bytes. */
export const OVERHEAD_BYTES = RELEASES_START + END_BYTES;

/**
 * The partitions of the layout `gpt`, in the order of the table: what machines with BIOS and with UEFI boot from, and the
 * releases. At its first boot a machine gives the latter more of its disk, and makes the partitions of volumes behind it.
 *
 * @param id makes the UUIDs: the same for the same content
 * @param bytes of the partition with the releases, whole mebibytes
 */
export function partitionsOf(id: string, bytes: number): BootPartitions {
  let { start } = BIOS_BOOT;
  const next = (name: string, size: number, type = TYPES.releases): Partition => {
    const partition = { name, type, uuid: uuidOf(`${id} ${name}`), start, bytes: size };
    start += size;
    return partition;
  };
  return {
    bios: next('bios', BIOS_BOOT.bytes, TYPES.bios),
    esp: next('esp', ESP_BYTES, TYPES.esp),
    releases: next('releases', bytes),
  };
}

/** What sfdisk(8) says of a disk, as far as it counts here. */
interface Table {
  partitiontable: { sectorsize?: number; partitions?: { start: number; size: number; name?: string }[] };
}

/** The partition with the releases of a disk of this layout, in bytes; undefined where it has none. */
export function releasesPlace({
  partitiontable: { sectorsize = 512, partitions = [] },
}: Table): Pick<Partition, 'start' | 'bytes'> | undefined {
  const found = partitions.find(({ name }) => name === 'releases');
  return found && { start: found.start * sectorsize, bytes: found.size * sectorsize };
}

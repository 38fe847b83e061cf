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
export const LEAST_ESP_BYTES = 34 * MEBIBYTE;
/** The second copy of the table is at the end of the disk. */
const END_BYTES = MEBIBYTE;

/** Where the EFI system partition begins. */
export const ESP_START = BIOS_BOOT.start + BIOS_BOOT.bytes;

/** Where the partition with the releases begins, where the one before it has the least size. */
export const RELEASES_START = ESP_START + LEAST_ESP_BYTES;

/** The number of the partition with the releases, which the boot loader is told. */
export const RELEASES_NUMBER = 3;

/** What a disk takes besides its releases, in bytes. */
export function overheadBytes(esp: number): number {
  return ESP_START + esp + END_BYTES;
}

/**
 * The partitions of the layout `gpt`, in the order of the table: what machines with BIOS and with UEFI boot from, and the
 * releases. At its first boot a machine gives the latter more of its disk, and makes the partitions of volumes behind it.
 *
 * @param id makes the UUIDs: the same for the same content
 * @param bytes of the partition with the releases, whole mebibytes
 * @param esp the same of the EFI system partition
 */
export function partitionsOf(id: string, bytes: number, esp = LEAST_ESP_BYTES): BootPartitions {
  let { start } = BIOS_BOOT;
  const next = (name: string, size: number, type = TYPES.releases): Partition => {
    const partition = { name, type, uuid: uuidOf(`${id} ${name}`), start, bytes: size };
    start += size;
    return partition;
  };
  return {
    bios: next('bios', BIOS_BOOT.bytes, TYPES.bios),
    esp: next('esp', esp, TYPES.esp),
    releases: next('releases', bytes),
  };
}

/** What sfdisk(8) says of a disk, as far as it counts here. */
interface Table {
  partitiontable: { sectorsize?: number; partitions?: { start: number; size: number; name?: string }[] };
}

/** Where a partition is, in bytes. */
export type Place = Pick<Partition, 'start' | 'bytes'>;

/** The partitions that a boot loader reads, of a disk of this layout; undefined where it is none. */
export function placesOf({
  partitiontable: { sectorsize = 512, partitions = [] },
}: Table): Record<'esp' | 'releases', Place> | undefined {
  const place = (wanted: string): Place | undefined => {
    const found = partitions.find(({ name }) => name === wanted);
    return found && { start: found.start * sectorsize, bytes: found.size * sectorsize };
  };
  const [esp, releases] = [place('esp'), place('releases')];
  return esp && releases && { esp, releases };
}

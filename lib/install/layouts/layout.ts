import type { BuildRun } from '../../build';
import type { Tool } from '../../engine/step';
import type { Boot } from '../boot';

/** How a disk is divided. */
export interface Layout {
  /** What it calls besides the programs for the file system of the releases. */
  tools: readonly Tool[];
  /** Whether it has a place for a boot loader. */
  boots: boolean;
  /** What it takes besides releases and volumes, in bytes, with an EFI system partition of so many. */
  overhead: (esp: number) => number;
  /** How many releases, of those that are kept, get room on a disk that has it. */
  room: (releases: number) => number;
  /** Makes the disk, sparse. */
  write: (image: Image, run: BuildRun['run']) => Promise<void>;
}

/** A disk to write. */
export interface Image {
  file: string;
  /** Of the disk. */
  bytes: number;
  /** Of the file system with the releases, where that is not the whole disk; whole mebibytes. */
  releases: number;
  /** The folder whose content the file system of the releases gets. */
  from: string;
  /** Of that file system. */
  label: string;
  /** Makes UUIDs: the same for the same content. */
  id: string;
  /** Seconds since the epoch that every time in it gets. */
  epoch: number;
  tmp: string;
  /** What boots it; undefined where the layout has no place for that. */
  boot: Boot | undefined;
}

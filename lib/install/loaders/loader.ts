import type { BuildRun } from '../../build';
import type { Config } from '../../config/schema';
import type { Tool } from '../../engine/step';
import type { Signer } from '../signing';

/** Code, by where it goes on a disk, in bytes. */
export type RawCode = readonly { offset: number; bytes: Buffer }[];

/** What firmware starts on a disk of the layout `gpt`. */
export interface BootCode {
  /** Makes what lies outside of partitions with files, by where it goes on the disk, in bytes. */
  raw: () => Promise<RawCode>;
  /** Files of the EFI system partition, by path. */
  efi: { [path: string]: Buffer };
}

/** What a boot loader has at hand. */
export interface At extends Pick<BuildRun, 'tmp' | 'run'> {
  /** Signs programs for UEFI; undefined where nothing is signed. */
  sign?: Signer | undefined;
}

/** A boot loader. Its part of hooks/machine/releases has its name, and says what its menu and its counters are. */
export interface Loader {
  /** What its code is made with; its menu takes nothing. */
  tools: (install: Pick<Config['install'], 'uki' | 'secure_boot'>) => readonly Tool[];
  /** Files of the build host that its code is made of, where no tool with a version stands for them. */
  sources: (install: Pick<Config['install'], 'uki'>) => readonly string[];
  /** What starts it. */
  firmware: readonly ('bios' | 'uefi')[];
  /** The files of a release that it reads, or its part of hooks/machine/releases, on the file system of the releases. */
  files: readonly string[];
  code: (at: At) => Promise<BootCode>;
}

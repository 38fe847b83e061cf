import type { BuildRun } from '../../build';
import type { Tool } from '../../engine/step';

/** What firmware starts on a disk of the layout `gpt`. */
export interface BootCode {
  /** By where it goes on the disk, in bytes. */
  raw: readonly { offset: number; bytes: Buffer }[];
  /** Files of the EFI system partition, by path. */
  efi: { [path: string]: Buffer };
}

/** What a boot loader has at hand. */
export type At = Pick<BuildRun, 'tmp' | 'run'>;

/** A boot loader. */
export interface Loader {
  /** What its code is made with; its menu takes nothing. */
  tools: readonly Tool[];
  /**
   * Writes the menu of a disk that has one release.
   *
   * @param staged the folder that becomes the file system of the releases
   * @param program hooks/machine/releases, which writes it on a machine too
   */
  menu: (staged: string, id: string, program: string, at: At) => Promise<void>;
  code: (at: At) => Promise<BootCode>;
}

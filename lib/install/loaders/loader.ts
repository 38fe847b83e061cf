import type { Config } from '../../config/schema';

/** The menu of a boot loader: a file on the disk. */
export interface Menu {
  /** Relative to the root of the file system. */
  path: string;
  text: string;
}

/** A boot loader, by the menu that it reads. */
export type Loader = (config: Config) => Menu;

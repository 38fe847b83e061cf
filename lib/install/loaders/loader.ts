import type { Config } from '../../config/schema';

/** The menu of a boot loader: a file on the disk. */
export interface Menu {
  /** Relative to the root of the file system. */
  path: string;
  text: string;
}

/** What a menu tells. */
export interface Bootable {
  name: string;
  cmdline: string;
  /** Of the file system that the menu is on. */
  uuid: string;
  install: Pick<Config['install'], 'label'>;
}

/** A boot loader, by the menu that it reads. */
export type Loader = (values: Bootable) => Menu;

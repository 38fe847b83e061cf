import { grub } from './grub';
import type { Loader } from './loader';

/** The boot loaders whose menus a disk image has. */
export const LOADERS: Record<string, Loader> = { grub };

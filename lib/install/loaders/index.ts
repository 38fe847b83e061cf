import { grub } from './grub';
import type { Loader } from './loader';

/** The boot loaders of a disk, by the name that `install.loader` has for them. */
export const LOADERS = { grub } satisfies Record<string, Loader>;

import type { Config } from '../../config/schema';
import { grub } from './grub';
import type { Loader } from './loader';
import { systemdBoot } from './systemd-boot';

/** The boot loaders of a disk, by the name that `install.loader` has for them. */
export const LOADERS: Record<Config['install']['loader'], Loader> = { grub, 'systemd-boot': systemdBoot };

import type { Config } from '../../config/schema';
import type { Format } from './format';
import { qcow2 } from './qcow2';
import { vhd } from './vhd';

/** The formats by the name that `install.formats` has for them; `disk.NAME` is the file. */
export const FORMATS: Record<Config['install']['formats'][number], Format> = { qcow2, vhd };

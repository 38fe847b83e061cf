import type { Config } from '../../config/schema';
import { directory } from './directory';
import { image } from './image';
import { netboot } from './netboot';
import type { Target } from './target';

/** The targets by the name that `install.target` has for them. */
export const TARGETS: Record<Config['install']['target'], Target> = { directory, image, netboot };

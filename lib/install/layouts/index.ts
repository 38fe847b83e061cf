import type { Config } from '../../config/schema';
import { filesystem } from './filesystem';
import { gpt } from './gpt';
import type { Layout } from './layout';

/** The layouts of a disk by the name that `install.layout` has for them. */
export const LAYOUTS: Record<Config['install']['layout'], Layout> = { gpt, filesystem };

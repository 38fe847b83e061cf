import type { BuildRun } from '../build';

/** What the kernel's parts need of the step they work for. */
export type Work = Pick<BuildRun, 'cache' | 'tmp' | 'signal' | 'log' | 'line' | 'run' | 'progress'>;

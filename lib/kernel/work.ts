import type { RunContext } from '../engine/step';

/** What the kernel's parts need of the step they work for. */
export type Work = Pick<RunContext, 'cache' | 'tmp' | 'signal' | 'log' | 'line' | 'run' | 'progress'>;

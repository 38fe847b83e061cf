import type { BuildStep } from '../../build';
import type { Config } from '../../config/schema';

/** Where a kernel comes from, by `kernel.provider`. Only the one that is asked for is loaded. */
export const PROVIDERS: Record<Config['kernel']['provider'], () => Promise<BuildStep>> = {
  package: async () => (await import('./package')).packageKernel,
  source: async () => (await import('./source')).sourceKernel,
  file: async () => (await import('./file')).fileKernel,
};

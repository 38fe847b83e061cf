import type { Target } from './target';

/** The folder of the release, and nothing besides. */
export const directory: Target = { tools: () => [], write: async () => [] };

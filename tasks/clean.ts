import type { CommandTask } from '../lib/session/task';

/** Removes the output of the configuration, its releases with it; the cache stays, so the next build is quick. */
export const clean: CommandTask = {
  description: 'Removes the build folder of this configuration',
  flags: ['--dry-run'],
  alone: true,
  run: async (session) => (await import('../lib/session/clean')).removeOutput(session),
};

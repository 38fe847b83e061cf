import type { CommandTask } from '../lib/session/task';

/** Frees from the cache what no kept release and no lock file uses. */
export const gc: CommandTask = {
  description: 'Frees what no kept release uses from the cache',
  flags: ['--dry-run'],
  alone: true,
  run: async (session) => (await import('../lib/session/gc')).collectGarbage(session),
};

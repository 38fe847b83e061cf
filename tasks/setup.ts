import type { CommandTask } from '../lib/session/task';

/** Installs what the configuration needs of the build host. */
export const setup: CommandTask = {
  description: 'Installs the host tools that the configuration needs',
  flags: ['--yes', '--dry-run'],
  run: async (session) => (await import('../lib/session/setup')).installTools(session),
};

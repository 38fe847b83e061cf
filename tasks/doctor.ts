import type { CommandTask } from '../lib/session/task';

/** Shows what the configuration needs of the build host, and what is missing. */
export const doctor: CommandTask = {
  description: 'Shows the host tools: version, needed by, how to install them',
  run: async (session) => {
    const { requireTools, toolReport } = await import('../lib/session/doctor');
    const { text, missing } = await toolReport(session);
    process.stdout.write(text);
    requireTools(missing);
  },
};

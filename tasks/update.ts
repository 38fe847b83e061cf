import type { CommandTask } from '../lib/session/task';
import { lockJob, reportLock } from './lock';

/**
 * Fetches the distribution's package lists again; with a lock file, also moves what is locked to the newest versions:
 * everything, or the packages of `--package` with what these need.
 */
export const update: CommandTask = {
  description: 'Fetches the package lists again, and moves locked packages to the newest versions',
  flags: ['--package', '--dry-run'],
  run: async (session) => {
    const { updateLocks } = await import('../lib/distributions/lock/update');
    const { flags, log } = session;
    const result = await updateLocks(lockJob(session), flags.package);
    if (result !== undefined) await reportLock(session, result);
    else if (flags.dryRun) log('would fetch the package lists again');
  },
};

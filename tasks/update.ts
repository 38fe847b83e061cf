import { updateLocks } from '../lib/distributions/lock/update';
import type { Session } from '../lib/session/session';
import { lockJob, report } from './lock';

/**
 * Fetches the distribution's package lists anew; with a lock file, also moves what is locked to the newest versions:
 * everything, or the packages of `--package` with what these need.
 *
 * @throws Dock0Error when `--package` names something that is not locked
 */
export async function update(session: Session): Promise<void> {
  const { flags, log } = session;
  const result = await updateLocks(lockJob(session), flags.package);
  if (result !== undefined) report(session, result);
  else if (flags.dryRun) log('would fetch the package lists anew');
}

import { outdatedPackages } from '../lib/distributions/lock/outdated';
import { table } from '../lib/report/format';
import type { Session } from '../lib/session/session';
import { setsOf } from './lock';

/**
 * Fetches the package lists anew and shows which locked packages have newer versions, which would be added and which
 * would be removed. The lock file stays as it is.
 *
 * @throws Dock0Error when nothing is locked
 */
export async function outdated({ builds, log }: Session): Promise<void> {
  const moves = await outdatedPackages(
    builds.map(({ context }) => context),
    setsOf,
  );
  if (moves.length === 0) return log('every locked package is the newest available');
  const rows = moves.map(({ name, from, to, repository }) => [
    name,
    from ?? 'none',
    to ?? 'not needed',
    repository,
  ]);
  process.stdout.write(`${table([['package', 'locked', 'available', 'repository'], ...rows])}\n`);
}

import type { CommandTask } from '../lib/session/task';
import { setsOf } from './lock';

/**
 * Fetches the package lists again and shows which locked packages have newer versions, which would be added and which
 * would be removed. The lock file stays as it is.
 */
export const outdated: CommandTask = {
  description: 'Shows newer versions of locked packages',
  looks: true,
  run: async ({ builds, log }) => {
    const { table } = await import('../lib/report/format');
    const { outdatedPackages } = await import('../lib/distributions/lock/outdated');
    const contexts = builds.map(({ context }) => context);
    const moves = await outdatedPackages(contexts, setsOf);
    if (moves.length === 0) return log('every locked package is the newest available');
    const rows = moves.map(({ name, from = 'none', to = 'not needed', repository }) => [
      name,
      from,
      to,
      repository,
    ]);
    process.stdout.write(`${table([['package', 'locked', 'available', 'repository'], ...rows])}\n`);
  },
};

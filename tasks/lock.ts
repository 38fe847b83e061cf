import type { Move, SetsOf } from '../lib/distributions/lock/images';
import type { LockJob } from '../lib/distributions/lock/write';
import type { CommandTask, Session } from '../lib/session/task';

/**
 * Writes the lock file: every package of the configuration. A locked package keeps its version, as long as the others
 * allow it.
 */
export const lock: CommandTask = {
  description: 'Writes the version of every package into the lock file',
  flags: ['--dry-run'],
  run: async (session) => {
    const { writeLocks } = await import('../lib/distributions/lock/write');
    await reportLock(session, await writeLocks(lockJob(session), (locked) => locked, true));
  },
};

/** All that a configuration takes from its distribution. */
export const setsOf: SetsOf = async (context) => {
  const { rootPackages } = await import('../lib/distributions/root');
  const { kernelSets } = await import('../lib/kernel/packages');
  const { demandsOf } = await import('../lib/kernel/demands');
  return [await rootPackages(context, await demandsOf(context)), ...(await kernelSets(context))];
};

/** What a session locks. */
export function lockJob({ builds, base, flags: { dryRun } }: Session): LockJob {
  const hosts = builds.map(({ context }) => context);
  return { shared: { ...(hosts[0] as LockJob['shared']), config: base }, hosts, setsOf, dryRun };
}

/** Says what a new lock file changed. */
export async function reportLock(
  { base, flags, log }: Session,
  { total, moves }: { total: number; moves: readonly Move[] },
): Promise<void> {
  const { lockName } = await import('../lib/distributions/lock/locked');
  const { table } = await import('../lib/report/format');
  const fresh = moves.every(({ from }) => from === undefined);
  const rows = moves.map(({ name, from, to }) => [name, from ?? 'none', to ?? 'none']);
  if (!fresh) for (const line of table([['package', 'before', 'now'], ...rows]).split('\n')) log(line);
  const changed = moves.length === 0 ? 'unchanged' : `${moves.length} ${fresh ? 'of them new' : 'changed'}`;
  log(`${lockName(base)}: ${flags.dryRun ? 'would have ' : ''}${total} packages, ${changed}`);
}

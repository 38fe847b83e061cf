import { lockedImage, lockName } from '../lib/distributions/lock/locked';
import { Dock0Error } from '../lib/error';
import { table } from '../lib/report/format';
import type { Session } from '../lib/session/session';
import { movesBetween, resolveAll } from './lock';
import { refreshLists } from './pacstrap';

/**
 * Fetches the package lists anew and shows which locked packages have newer versions, which would come along and which
 * would go. The lock file stays as it is.
 *
 * @throws Dock0Error when nothing is locked
 */
export async function outdated({ builds, log }: Session): Promise<void> {
  const images = builds.map(({ context }) => {
    const locked = lockedImage(context);
    if (locked === undefined) {
      throw new Dock0Error(`${lockName(context.config)} has nothing for ${context.config.name}`, {
        hint: '`gulp lock` writes it.',
      });
    }
    return { context, locked };
  });
  await refreshLists(images.map(({ context }) => context));
  const rows = new Map<string, string[]>();
  for (const { context, locked } of images) {
    for (const { name, from, to, repository } of movesBetween(locked, await resolveAll(context, () => [])))
      rows.set(`${name} ${from}`, [name, from ?? 'none', to ?? 'not needed', repository]);
  }
  if (rows.size === 0) log('every locked package is the newest there is');
  else
    process.stdout.write(`${table([['package', 'locked', 'available', 'repository'], ...rows.values()])}\n`);
}

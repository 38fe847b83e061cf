import { didYouMean } from '../lib/config/suggest';
import { lockedImage, lockName } from '../lib/distributions/lock/locked';
import { Dock0Error } from '../lib/error';
import type { Session } from '../lib/session/session';
import { writeLocks } from './lock';
import { refreshLists } from './pacstrap';

/**
 * Fetches the distribution's package lists anew; with a lock file, also moves what is locked to the newest versions:
 * everything, or the packages of `--package` with what these need.
 *
 * @throws Dock0Error when `--package` names something that is not locked
 */
export async function update(session: Session): Promise<void> {
  const { builds, flags, base, log } = session;
  const [first] = builds;
  if (first === undefined) return;
  const locks = builds.flatMap(({ context }) => lockedImage(context) ?? []);
  const names = new Set(
    locks.flatMap(({ root, kernel, 'kernel-source': source }) =>
      [root, kernel, source].flatMap((set) => Object.keys(set?.packages ?? {})),
    ),
  );
  for (const name of flags.package) {
    if (names.has(name)) continue;
    const near = didYouMean(name, names);
    const meant = near === undefined ? '' : `; did you mean ${near}?`;
    throw new Dock0Error(`--package ${name}: ${lockName(base)} has no such package${meant}`, {
      hint: names.size === 0 ? 'Nothing is locked: `gulp lock` does that.' : undefined,
    });
  }
  if (locks.length === 0 && flags.dryRun) return log('would fetch the package lists anew');
  // What hosts have in common is resolved besides.
  await refreshLists([{ ...first.context, config: base }, ...builds.map(({ context }) => context)]);
  if (locks.length === 0) return;
  const moving = new Set(flags.package);
  await writeLocks(session, (locked) =>
    moving.size === 0 ? [] : locked.filter(({ name }) => !moving.has(name)),
  );
}

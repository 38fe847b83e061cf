import { didYouMean } from '../../config/suggest';
import { Dock0Error } from '../../error';
import { asPackages } from './container-images';
import type { Keep, Move } from './images';
import { packagesIn } from './images';
import { refreshLists } from './lists';
import { lockedImage, lockName } from './locked';
import { type LockJob, writeLocks } from './write';

/**
 * Fetches the package lists again; moves what is locked to the newest versions.
 *
 * @param names packages to move, with what these need; none: everything
 * @returns as `writeLocks` does; undefined when nothing is locked
 * @throws Dock0Error when one of `names` is not locked
 */
export async function updateLocks(
  job: LockJob,
  names: readonly string[],
): Promise<{ total: number; moves: Move[] } | undefined> {
  const { shared, hosts, dryRun } = job;
  const locks = hosts.flatMap((context) => lockedImage(context) ?? []);
  const all = locks.flatMap((locked) => [...packagesIn(locked), ...asPackages(locked)]);
  const known = new Set(all.map(({ name }) => name));
  for (const name of names) {
    if (known.has(name)) continue;
    const near = didYouMean(name, known);
    const meant = near === undefined ? '' : `; did you mean ${near}?`;
    throw new Dock0Error(`--package ${name}: ${lockName(shared.config)} has no such package${meant}`, {
      hint: known.size === 0 ? 'Nothing is locked: `gulp lock` does that.' : undefined,
    });
  }
  if (locks.length === 0 && dryRun) return undefined;
  await refreshLists([shared, ...hosts]);
  if (locks.length === 0) return undefined;
  const moving = new Set(names);
  const keep: Keep = (locked) => (moving.size === 0 ? [] : locked.filter(({ name }) => !moving.has(name)));
  return writeLocks(job, keep, moving.size > 0);
}

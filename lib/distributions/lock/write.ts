import type { BuildContext } from '../../build';
import { Dock0Error } from '../../error';
import { type Keep, type Move, movesBetween, packagesIn, resolveImage, type SetsOf } from './images';
import { type LockedImages, readLock, writeLock } from './lock-file';

/** What is to be locked. */
export interface LockJob {
  /** What all hosts share. */
  shared: BuildContext;
  /** The hosts, if any; the shared context may be among them. */
  hosts: readonly BuildContext[];
  setsOf: SetsOf;
  /** Leaves the file as it is. */
  dryRun: boolean;
}

/**
 * Resolves configurations and writes their packages into the lock file.
 *
 * @param keepKeys whether public keys that are fetched stay as they are locked
 * @returns how many packages the shared configuration has, and what changed
 * @throws Dock0Error with `lock: none`, or as `resolve` does
 */
export async function writeLocks(
  { shared, hosts, setsOf, dryRun }: LockJob,
  keep: Keep,
  keepKeys: boolean,
): Promise<{ total: number; moves: Move[] }> {
  const { lock, name: sharedName } = shared.config;
  if (lock === 'none') throw new Dock0Error('lock: none: there is no file to write');
  const images: LockedImages = { ...readLock(lock) };
  const common = await resolveImage(shared, setsOf, keep, keepKeys);
  const moves = movesBetween(images[sharedName], common);
  images[sharedName] = common;
  for (const context of hosts) {
    const { name } = context.config;
    if (name === sharedName) continue;
    const own = await resolveImage(context, setsOf, keep, keepKeys);
    // A host that takes the same packages as all the others has no image of its own.
    if (JSON.stringify(own) === JSON.stringify(common)) delete images[name];
    else {
      moves.push(...movesBetween(images[name] ?? common, own));
      images[name] = own;
    }
  }
  if (!dryRun) writeLock(lock, images);
  return { total: packagesIn(common).length, moves };
}

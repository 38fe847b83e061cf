import type { BuildContext } from '../../build';
import { Dock0Error } from '../../error';
import { type Move, movesBetween, resolveImage, type SetsOf } from './images';
import { refreshLists } from './lists';
import { lockedImage, lockName } from './locked';

/**
 * Fetches the package lists again and compares them with what is locked: which packages have newer versions, which would
 * be added and which would be removed.
 *
 * @throws Dock0Error when nothing is locked
 */
export async function outdatedPackages(contexts: readonly BuildContext[], setsOf: SetsOf): Promise<Move[]> {
  const images = contexts.map((context) => {
    const locked = lockedImage(context);
    if (locked !== undefined) return { context, locked };
    throw new Dock0Error(`${lockName(context.config)} has nothing for ${context.config.name}`, {
      hint: '`gulp lock` writes it.',
    });
  });
  await refreshLists(contexts);
  const moves = new Map<string, Move>();
  for (const { context, locked } of images) {
    for (const move of movesBetween(locked, await resolveImage(context, setsOf, () => [], true)))
      moves.set(`${move.name} ${move.from}`, move);
  }
  return [...moves.values()];
}

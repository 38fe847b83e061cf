import type { BuildContext } from '../../build';
import type { ResolvedPackage } from '../package';
import { asPackages, resolveDigests } from './container-images';
import type { LockedImage } from './lock-file';
import { asLocked, lockedImage, type PackageSet, platformOf, unlocked } from './locked';
import { lockKeys } from './ssh-keys';

/** The sets of packages that a configuration takes from its distribution. */
export type SetsOf = (context: BuildContext) => Promise<PackageSet[]>;

/** Of locked packages, those whose version is to stay. */
export type Keep = (locked: ResolvedPackage[]) => ResolvedPackage[];

/** A package that differs between two states of an image; no version means that it is not in that state. */
export interface Move {
  name: string;
  from: string | undefined;
  to: string | undefined;
  repository: string;
}

/**
 * Resolves everything that a configuration takes from its distribution, and fetches the public keys that it names.
 *
 * @param keepKeys whether keys stay as they are locked
 */
export async function resolveImage(
  context: BuildContext,
  setsOf: SetsOf,
  keep: Keep,
  keepKeys: boolean,
): Promise<LockedImage> {
  const locked = lockedImage(context);
  const image: LockedImage = platformOf(context.config);
  const keys = await lockKeys(context, keepKeys ? (locked?.ssh_keys ?? {}) : {});
  if (Object.keys(keys).length > 0) image.ssh_keys = keys;
  for (const set of await setsOf(context)) {
    const before = unlocked(locked?.[set.use]);
    const known = new Map(before.map((each) => [each.sha256, each]));
    const resolved = await set.resolve(keep(before));
    // A package that did not move keeps all that is said of it.
    image[set.use] = asLocked(
      set,
      resolved.map((each) => known.get(each.sha256) ?? each),
    );
  }
  const pulled = keep(asPackages(locked)).map(({ name, version }) => [name, version]);
  const images = await resolveDigests(context, Object.fromEntries(pulled));
  return images === undefined ? image : { ...image, images };
}

/** What differs between two states of an image, sorted by name. */
export function movesBetween(before: LockedImage | undefined, after: LockedImage): Move[] {
  const moves: Move[] = [];
  for (const use of ['root', 'kernel', 'kernel-source'] as const) {
    const was = before?.[use]?.packages ?? {};
    const is = after[use]?.packages ?? {};
    for (const name of [...new Set([...Object.keys(was), ...Object.keys(is)])].sort()) {
      if (was[name]?.sha256 === is[name]?.sha256) continue;
      const repository = (is[name] ?? was[name])?.repository ?? '';
      moves.push({ name, from: was[name]?.version, to: is[name]?.version, repository });
    }
  }
  const was = before?.images ?? {};
  const is = after.images ?? {};
  for (const name of [...new Set([...Object.keys(was), ...Object.keys(is)])].sort())
    if (was[name] !== is[name]) moves.push({ name, from: was[name], to: is[name], repository: 'images' });
  return moves;
}

/** The packages of an image, by what they are for. */
export function packagesIn({ root, kernel, 'kernel-source': source }: LockedImage): ResolvedPackage[] {
  return [root, kernel, source].flatMap(unlocked);
}

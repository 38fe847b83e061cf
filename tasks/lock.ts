import type { BuildContext } from '../lib/build';
import {
  type LockedImage,
  type LockedImages,
  readLock,
  writeLock,
} from '../lib/distributions/lock/lock-file';
import {
  asLocked,
  lockedImage,
  lockName,
  type PackageRequest,
  platformOf,
  unlocked,
} from '../lib/distributions/lock/locked';
import type { ResolvedPackage } from '../lib/distributions/package';
import { Dock0Error } from '../lib/error';
import { kernelRequest, resolveKernel } from '../lib/kernel/providers/package';
import { resolveSource, sourceRequest } from '../lib/kernel/source/debian';
import { table } from '../lib/report/format';
import type { Build, Session } from '../lib/session/session';
import { providerOf, rootRequest } from './pacstrap';

/**
 * Writes the lock file: every package that the configuration comes to. What is locked already keeps its version, as
 * long as the rest can go with it.
 *
 * @throws Dock0Error when a package is unknown, or a locked one can't be had any more
 */
export async function lock(session: Session): Promise<void> {
  await writeLocks(session, (locked) => locked);
}

/** A package that differs between the lock file and what it is compared with; no version is none at all. */
export interface Move {
  name: string;
  from: string | undefined;
  to: string | undefined;
  repository: string;
}

/**
 * Resolves the configurations of a session, writes what they come to (not with `--dry-run`) and says what changed.
 *
 * @param keep of the locked packages those whose version is to stay
 */
export async function writeLocks(
  { builds, base, flags, log }: Session,
  keep: (locked: ResolvedPackage[]) => ResolvedPackage[],
): Promise<void> {
  const [first] = builds;
  if (first === undefined) return;
  if (base.lock === 'none') throw new Dock0Error('lock: none: there is no file to write');
  const images: LockedImages = { ...readLock(base.lock) };
  const moves: Move[] = [];
  const shared = await resolveAll({ ...first.context, config: base }, keep);
  moves.push(...movesBetween(images[base.name], shared));
  images[base.name] = shared;
  for (const { context } of builds.filter(isHost)) {
    const { name } = context.config;
    const own = await resolveAll(context, keep);
    // What a host has in common with the others stands there once.
    if (JSON.stringify(own) === JSON.stringify(shared)) delete images[name];
    else {
      moves.push(...movesBetween(images[name] ?? shared, own));
      images[name] = own;
    }
  }
  if (!flags.dryRun) writeLock(base.lock, images);
  const would = flags.dryRun ? 'would have ' : '';
  for (const line of report(shared, moves, `${lockName(base)}: ${would}`)) log(line);
}

function isHost({ context: { config, base } }: Build): boolean {
  return config.name !== base.name;
}

/** Everything that a configuration takes from its distribution, by what it is for. */
export async function resolveAll(
  context: BuildContext,
  keep: (locked: ResolvedPackage[]) => ResolvedPackage[],
): Promise<LockedImage> {
  const locked = lockedImage(context);
  const image: LockedImage = platformOf(context.config);
  const add = async (
    request: PackageRequest,
    resolve: (kept: readonly ResolvedPackage[]) => Promise<ResolvedPackage[]>,
  ): Promise<void> => {
    const set = locked?.[request.use];
    const before = set === undefined ? [] : unlocked(set);
    const known = new Map(before.map((each) => [each.sha256, each]));
    const resolved = await resolve(keep(before));
    // What did not move keeps all that is said of it.
    const packages = resolved.map((each) => known.get(each.sha256) ?? each);
    image[request.use] = asLocked(request, packages);
  };
  const { provider: kernel, source } = context.config.kernel;
  const provider = await providerOf(context);
  await add(await rootRequest(context), (kept) => provider.resolve(context, kept));
  if (kernel === 'package') await add(kernelRequest(context), (kept) => resolveKernel(context, kept));
  if (kernel === 'source' && source.debian !== undefined) {
    const name = source.debian;
    await add(sourceRequest(name), (kept) => resolveSource(name, context, kept));
  }
  return image;
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
  return moves;
}

/** Says what a new lock file changed, in lines; the last one begins with `heading`. */
function report(image: LockedImage, moves: readonly Move[], heading: string): string[] {
  const total = [image.root, image.kernel, image['kernel-source']]
    .map((set) => Object.keys(set?.packages ?? {}).length)
    .reduce((sum, count) => sum + count, 0);
  const fresh = moves.every(({ from }) => from === undefined);
  const rows = moves.map(({ name, from, to }) => [name, from ?? 'none', to ?? 'none']);
  const shown = fresh ? [] : table([['package', 'before', 'now'], ...rows]).split('\n');
  const changed =
    moves.length === 0 ? 'as they were' : `${moves.length} ${fresh ? 'of them new' : 'changed'}`;
  return [...shown, `${heading}${total} packages, ${changed}`];
}

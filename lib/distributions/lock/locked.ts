import { relative } from 'node:path';
import type { BuildContext } from '../../build';
import type { Config } from '../../config/schema';
import { Dock0Error } from '../../error';
import { distributionOf, machine } from '../../system/host';

import { hostCodename } from '../debian/apt';
import type { ResolvedPackage } from '../package';
import { type LockedImage, type LockedImages, type LockedSet, readLock } from './lock-file';

/** What packages are asked for, and for what. */
export interface PackageRequest {
  use: 'root' | 'kernel' | 'kernel-source';
  /** Names as the configuration has them; the order is of no account. */
  wanted: readonly string[];
}

/**
 * The packages that a request comes to: what the lock file says, where it has the configuration, else what `resolve`
 * finds.
 *
 * @throws Dock0Error when the lock file has other configurations only, or is for another request; what it lacks or has
 *   too much is named
 */
export async function lockedOr(
  request: PackageRequest,
  context: Pick<BuildContext, 'config' | 'base'>,
  resolve: () => Promise<ResolvedPackage[]>,
): Promise<ResolvedPackage[]> {
  const { config } = context;
  const images = imagesOf(config);
  if (images === undefined) return resolve();
  const locked = lockedImage(context);
  if (locked !== undefined) return packagesOf(request, locked, config);
  const names = Object.keys(images).sort().join(', ') || 'none';
  throw new Dock0Error(`${lockName(config)}: it has no image "${config.name}" (it has: ${names})`, {
    hint: '`gulp lock`, with the flags of this build, adds it; `lock: none` builds without.',
  });
}

/**
 * What the lock file has of a configuration: under its own name, or, as hosts do that ask for the same, under that of
 * the shared one.
 */
export function lockedImage({
  config,
  base,
}: Pick<BuildContext, 'config' | 'base'>): LockedImage | undefined {
  const images = imagesOf(config);
  return images?.[config.name] ?? images?.[base.name];
}

function imagesOf({ lock }: Config): LockedImages | undefined {
  return lock === 'none' ? undefined : readLock(lock);
}

/**
 * Runs what fetches packages; when they can't be had and are locked ones, the error says so.
 *
 * @throws Dock0Error as `fetch` does
 */
export async function fetchLocked<T>(
  context: Pick<BuildContext, 'config' | 'base'>,
  fetch: () => Promise<T>,
): Promise<T> {
  try {
    return await fetch();
  } catch (error) {
    if (!(error instanceof Dock0Error) || lockedImage(context) === undefined) throw error;
    throw new Dock0Error(`${lockName(context.config)} names what can't be had: ${error.message}`, {
      hint: '`gulp outdated` shows what there is by now, `gulp update --package NAME` moves the lock to it.',
      cause: error,
    });
  }
}

/** What a configuration is made for; a lock is for nothing else. */
export function platformOf(config: Config): Pick<LockedImage, 'distribution' | 'release' | 'architecture'> {
  const distribution = config.distribution === 'auto' ? distributionOf() : config.distribution;
  const architecture = machine();
  if (distribution === 'arch') return { distribution, architecture };
  return {
    distribution,
    release: config.release === 'auto' ? hostCodename() : config.release,
    architecture,
  };
}

/** The lock file as messages name it. */
export function lockName({ lock }: Pick<Config, 'lock'>): string {
  return relative(process.cwd(), lock) || lock;
}

/** A locked set as packages, sorted by name. */
export function unlocked(set: LockedSet): ResolvedPackage[] {
  return Object.entries(set.packages)
    .map(([name, { architecture, ...rest }]) => ({ name, arch: architecture, ...rest }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The other way round. */
export function asLocked({ wanted }: PackageRequest, packages: readonly ResolvedPackage[]): LockedSet {
  return {
    wanted: [...new Set(wanted)].sort(),
    packages: Object.fromEntries(
      packages.map(({ name, version, arch, repository, path, sha256, bytes, snapshot }) => [
        name,
        { version, architecture: arch, repository, path, sha256, bytes, snapshot },
      ]),
    ),
  };
}

function packagesOf({ use, wanted }: PackageRequest, locked: LockedImage, config: Config): ResolvedPackage[] {
  const now = platformOf(config);
  const was = [locked.distribution, locked.release, locked.architecture].filter(Boolean).join(' ');
  const is = [now.distribution, now.release, now.architecture].filter(Boolean).join(' ');
  if (was !== is) throw outOfDate(config, `it is for ${was}, the image for ${is}`);
  const set = locked[use];
  if (set === undefined) throw outOfDate(config, `it has no packages for the ${use.replace('-', "'s ")}`);
  const added = wanted.filter((name) => !set.wanted.includes(name));
  const removed = set.wanted.filter((name) => !wanted.includes(name));
  if (added.length + removed.length > 0) {
    const said = [
      added.length > 0 ? `${added.join(', ')} ${added.length > 1 ? 'were' : 'was'} added` : '',
      removed.length > 0 ? `${removed.join(', ')} ${removed.length > 1 ? 'were' : 'was'} taken out` : '',
    ];
    const key = { root: 'packages', kernel: 'kernel.package', 'kernel-source': 'kernel.source.debian' }[use];
    throw outOfDate(config, `it is not what \`${key}\` asks for: ${said.filter(Boolean).join(', ')}`);
  }
  return unlocked(set);
}

function outOfDate(config: Config, what: string): Dock0Error {
  return new Dock0Error(`${lockName(config)}: ${what}`, {
    hint: '`gulp lock`, with the flags of this build, brings it up to date; what is in it keeps its version.',
  });
}

import { relative } from 'node:path';
import type { Config } from '../../config/schema';
import { Dock0Error } from '../../error';
import { machine } from '../../system/host';

import type { ResolvedPackage } from '../package';
import { type LockedImage, type LockedImages, type LockedSet, readLock } from './lock-file';

/** Packages that a configuration takes from its distribution: what is requested, for which use, and how it is resolved. */
export interface PackageSet {
  use: 'root' | 'kernel' | 'kernel-source';
  /** Names as the configuration has them, in any order. */
  wanted: readonly string[];
  /** Resolves them by the repositories' lists. @param keep packages whose version is to stay */
  resolve: (keep?: readonly ResolvedPackage[]) => Promise<ResolvedPackage[]>;
}

/** What a lock is looked up with. */
export interface LockContext {
  config: Pick<Config, 'lock' | 'name' | 'distribution' | 'release'>;
  base: Pick<Config, 'name'>;
}

/**
 * The packages of a set: those in the lock file, where it has the configuration, else those that `resolve` finds.
 *
 * @throws Dock0Error when the lock file has only other configurations, or locks another request; what was added and what
 *   was removed is named
 */
export async function lockedOr(set: PackageSet, context: LockContext): Promise<ResolvedPackage[]> {
  const { config } = context;
  const images = imagesOf(config);
  if (images === undefined) return set.resolve();
  const locked = lockedImage(context);
  if (locked !== undefined) return packagesOf(set, locked, config);
  const names = Object.keys(images).sort().join(', ') || 'none';
  throw new Dock0Error(`${lockName(config)}: no image "${config.name}" (known: ${names})`, {
    hint: '`gulp lock` with the flags of this build adds it; `lock: none` builds without a lock.',
  });
}

/**
 * What the lock file has of a configuration: under its own name, or, as hosts do that ask for the same, under that of
 * the shared one.
 */
export function lockedImage({ config, base }: LockContext): LockedImage | undefined {
  const images = imagesOf(config);
  return images?.[config.name] ?? images?.[base.name];
}

function imagesOf({ lock }: Pick<Config, 'lock'>): LockedImages | undefined {
  return lock === 'none' ? undefined : readLock(lock);
}

/**
 * Runs what fetches packages; when locked packages are unavailable, the error says so.
 *
 * @throws Dock0Error as `fetch` does
 */
export async function fetchLocked<T>(context: LockContext, fetch: () => Promise<T>): Promise<T> {
  try {
    return await fetch();
  } catch (error) {
    if (!(error instanceof Dock0Error) || lockedImage(context) === undefined) throw error;
    throw new Dock0Error(`${lockName(context.config)} names unavailable packages: ${error.message}`, {
      hint: '`gulp outdated` shows what is available, `gulp update --package NAME` moves the lock to it.',
      cause: error,
    });
  }
}

/** What a configuration is built for; a lock is valid for nothing else. */
export function platformOf({
  distribution,
  release,
}: Pick<Config, 'distribution' | 'release'>): Pick<LockedImage, 'distribution' | 'release' | 'architecture'> {
  return { distribution, ...(release === undefined ? {} : { release }), architecture: machine() };
}

/** The lock file as messages name it. */
export function lockName({ lock }: Pick<Config, 'lock'>): string {
  return relative(process.cwd(), lock) || lock;
}

/** A locked set as packages, sorted by name. */
export function unlocked(set: LockedSet | undefined): ResolvedPackage[] {
  return Object.entries(set?.packages ?? {})
    .map(([name, { architecture, ...rest }]) => ({ name, arch: architecture, ...rest }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Packages as a locked set. */
export function asLocked({ wanted }: PackageSet, packages: readonly ResolvedPackage[]): LockedSet {
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

function packagesOf(
  { use, wanted }: PackageSet,
  locked: LockedImage,
  config: LockContext['config'],
): ResolvedPackage[] {
  const now = platformOf(config);
  const was = [locked.distribution, locked.release, locked.architecture].filter(Boolean).join(' ');
  const is = [now.distribution, now.release, now.architecture].filter(Boolean).join(' ');
  if (was !== is) throw outOfDate(config, `locked for ${was}, but the image is for ${is}`);
  const set = locked[use];
  if (set === undefined) throw outOfDate(config, `no packages for the ${use.replace('-', "'s ")}`);
  const added = wanted.filter((name) => !set.wanted.includes(name));
  const removed = set.wanted.filter((name) => !wanted.includes(name));
  if (added.length + removed.length > 0) {
    const said = [
      added.length > 0 ? `${added.join(', ')} ${added.length > 1 ? 'were' : 'was'} added` : '',
      removed.length > 0 ? `${removed.join(', ')} ${removed.length > 1 ? 'were' : 'was'} removed` : '',
    ];
    const key = { root: 'packages', kernel: 'kernel.package', 'kernel-source': 'kernel.source.debian' }[use];
    throw outOfDate(config, `not what \`${key}\` requests: ${said.filter(Boolean).join(', ')}`);
  }
  return unlocked(set);
}

function outOfDate(config: LockContext['config'], what: string): Dock0Error {
  return new Dock0Error(`${lockName(config)}: ${what}`, {
    hint: '`gulp lock` with the flags of this build updates it; locked packages keep their versions.',
  });
}

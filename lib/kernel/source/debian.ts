import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { BuildContext } from '../../build';
import { type Apt, archiveOf, openApt } from '../../distributions/debian/apt';
import { fetchPackages } from '../../distributions/debian/archives';
import { hostRelease } from '../../distributions/debian/release';
import { resolvePackages } from '../../distributions/debian/resolve';
import { fetchLocked, lockedOr, type PackageSet } from '../../distributions/lock/locked';
import type { ResolvedPackage } from '../../distributions/package';
import type { PackageSource } from '../../distributions/provider';
import { Dock0Error } from '../../error';
import type { Work } from '../work';

/** Debian's name for the source of whatever Linux a release has; it holds none and depends on the package that does. */
const METAPACKAGE = 'linux-source';
const OF_RELEASE = /^linux-source-\d/;

/** The package that holds the source. Its dependencies are no part of it. */
export function sourcePackages(name: string, context: BuildContext): PackageSet {
  return { use: 'kernel-source', wanted: [name], resolve: (keep) => resolveSource(name, context, keep) };
}

/**
 * The package that holds the source: the locked one, else what apt's signed lists have.
 *
 * @throws Dock0Error when there is no such package, or the lists can't be fetched
 */
export async function sourcePackage(name: string, context: BuildContext): Promise<ResolvedPackage> {
  const [found] = await lockedOr(sourcePackages(name, context), context);
  if (found !== undefined) return found;
  throw new Dock0Error(`kernel.source.debian: ${name} is a virtual package`);
}

async function resolveSource(
  name: string,
  context: BuildContext,
  keep: readonly ResolvedPackage[] = [],
): Promise<ResolvedPackage[]> {
  const request = { packages: [name], essential: false };
  try {
    const resolved = await resolvePackages(aptOf(context), request, context, keep);
    return resolved.filter((each) =>
      name === METAPACKAGE ? OF_RELEASE.test(each.name) : each.name === name,
    );
  } catch (error) {
    if (!(error instanceof Dock0Error)) throw error;
    throw new Dock0Error(`${context.placeOf(['kernel', 'source', 'debian'])}: ${error.message}`, {
      hint: "linux-source is the one of the image's release; others are named after their Linux, such as linux-source-6.1. Without apt on the build host, use kernel.source.version.",
      cause: error,
    });
  }
}

/** The apt of a Debian image. Mirrors of other distributions have no package of Debian's, the host's sources do. */
function aptOf({ config, cache }: Pick<BuildContext, 'cache'> & Pick<PackageSource, 'config'>): Apt {
  const { release, mirror, backports } =
    config.distribution === 'debian' ? config : { release: hostRelease(), mirror: 'auto', backports: false };
  if (release === undefined) throw new Dock0Error('this host runs no Debian release');
  return openApt({ release, mirror, backports }, cache);
}

/**
 * Downloads the package, unless it is there, and takes the tarball out of it; nothing is installed.
 *
 * @param scratch a folder for what is thrown away afterwards
 * @returns the path of the tarball, below `scratch`
 * @throws Dock0Error when it can't be downloaded, differs from the lists, or holds no tarball
 */
export async function tarballOf(
  wanted: ResolvedPackage,
  scratch: string,
  context: PackageSource & Work,
): Promise<string> {
  const apt = aptOf(context);
  await fetchLocked(context, () => fetchPackages(apt, [wanted], context));
  await context.run('dpkg-deb', ['--extract', archiveOf(apt, wanted), scratch]);
  const folder = join(scratch, 'usr', 'src');
  const tarball = (await readdir(folder).catch(() => [])).find((name) =>
    /^linux-source-.*\.tar(\.\w+)?$/.test(name),
  );
  if (tarball !== undefined) return join(folder, tarball);
  throw new Dock0Error(`kernel.source.debian: ${wanted.name} holds no tarball of Linux in /usr/src`);
}

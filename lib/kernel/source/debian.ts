import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { BuildContext } from '../../build';
import { type Apt, archiveOf, openApt } from '../../distributions/debian/apt';
import { fetchPackages } from '../../distributions/debian/archives';
import { resolvePackages } from '../../distributions/debian/resolve';
import { fetchLocked, lockedOr, type PackageRequest } from '../../distributions/lock/locked';
import type { ResolvedPackage } from '../../distributions/package';
import { Dock0Error } from '../../error';
import type { Work } from '../work';

const HOST = { release: 'auto', mirror: 'auto' };

/** What the distribution is asked for. */
export function sourceRequest(name: string): PackageRequest {
  return { use: 'kernel-source', wanted: [name] };
}

/**
 * The package that holds the source: the locked one, else what apt's signed lists have.
 *
 * @throws Dock0Error when there is no such package, or the lists can't be fetched
 */
export async function sourcePackage(name: string, context: BuildContext): Promise<ResolvedPackage> {
  const [found] = await lockedOr(sourceRequest(name), context, () => resolveSource(name, context));
  if (found !== undefined) return found;
  throw new Dock0Error(`kernel.source.debian: ${name} is a virtual package`);
}

/** The package as apt's lists have it. @param keep packages whose version is to stay */
export async function resolveSource(
  name: string,
  context: BuildContext,
  keep: readonly ResolvedPackage[] = [],
): Promise<ResolvedPackage[]> {
  const request = { packages: [name], essential: false };
  try {
    const resolved = await resolvePackages(aptOf(context), request, context, keep);
    return resolved.filter((each) => each.name === name);
  } catch (error) {
    if (!(error instanceof Dock0Error)) throw error;
    throw new Dock0Error(`kernel.source.debian: ${error.message}`, {
      hint: 'Debian names the package after the Linux release, such as linux-source-6.1. Without apt on the build host, use kernel.source.version.',
      cause: error,
    });
  }
}

function aptOf({ config, cache }: Pick<BuildContext, 'config' | 'cache'>): Apt {
  // An image of another distribution has mirrors without a package of Debian's; the host's apt has its own.
  const { release, mirror } = config.distribution === 'arch' ? HOST : config;
  return openApt({ release, mirror }, cache);
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
  context: Pick<BuildContext, 'config' | 'base'> & Work,
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

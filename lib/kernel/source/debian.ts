import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Apt, openApt } from '../../debian/apt';
import { fetchPackages } from '../../debian/archives';
import { type DebianPackage, resolvePackages } from '../../debian/resolve';
import type { PlanContext } from '../../engine/step';
import { Dock0Error } from '../../error';
import type { Work } from '../work';

/**
 * The package that holds the source, as apt's signed lists have it. The answer is kept as long as the lists stay the
 * same.
 *
 * @throws Dock0Error when there is no such package, or the lists can't be fetched
 */
export async function sourcePackage(name: string, context: PlanContext): Promise<DebianPackage> {
  try {
    const resolved = await resolvePackages(aptOf(context), { packages: [name], essential: false }, context);
    const found = resolved.find((each) => each.name === name);
    if (found !== undefined) return found;
  } catch (error) {
    if (!(error instanceof Dock0Error)) throw error;
    throw new Dock0Error(`kernel.source.debian: ${error.message}`, {
      hint: 'Debian names the package after the release of Linux: linux-source-6.1.',
      cause: error,
    });
  }
  throw new Dock0Error(`kernel.source.debian: ${name} is no package of its own`);
}

function aptOf({ config, cache }: Pick<PlanContext, 'config' | 'cache'>): Apt {
  return openApt({ release: config.release, mirror: config.mirror }, cache);
}

/**
 * Downloads the package, unless it is there, and takes the tarball out of it; nothing is installed.
 *
 * @param scratch a folder for what is thrown away afterwards
 * @returns the path of the tarball, below `scratch`
 * @throws Dock0Error when it can't be downloaded, is not what the lists say, or holds no tarball
 */
export async function tarballOf(
  wanted: DebianPackage,
  scratch: string,
  context: Pick<PlanContext, 'config'> & Work,
): Promise<string> {
  const apt = aptOf(context);
  await fetchPackages(apt, [wanted], context, { dependencies: false });
  await context.run('dpkg-deb', ['--extract', join(apt.archives, wanted.file), scratch]);
  const folder = join(scratch, 'usr', 'src');
  const tarball = (await readdir(folder).catch(() => [])).find((name) =>
    /^linux-source-.*\.tar(\.\w+)?$/.test(name),
  );
  if (tarball !== undefined) return join(folder, tarball);
  throw new Dock0Error(`kernel.source.debian: ${wanted.name} holds no tarball of Linux in /usr/src`);
}

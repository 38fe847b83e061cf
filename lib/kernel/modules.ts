import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { BuildRun } from '../build';
import { Dock0Error } from '../error';

/** Links in a folder of modules to where they were built: nothing of a host. */
export const BUILD_TREES: readonly string[] = ['build', 'source'];

/**
 * Finishes a modules layer, `<out>/modules/usr/lib/modules/<version>/`: removes the links to build trees and makes
 * depmod(8)'s indexes.
 *
 * @returns the kernel's version, which is the folder's name
 * @throws Dock0Error when there is not exactly one version
 */
export async function finishModules({
  out,
  tmp,
  run,
}: Pick<BuildRun, 'out' | 'tmp' | 'run'>): Promise<string> {
  const root = join(out, 'modules');
  const versions = readdirSync(join(root, 'usr/lib/modules'));
  const version = versions[0];
  if (version === undefined || versions.length > 1) {
    throw new Dock0Error(`expected the modules of one kernel, found ${versions.join(', ') || 'none'}`);
  }
  for (const link of BUILD_TREES)
    rmSync(join(root, 'usr/lib/modules', version, link), { recursive: true, force: true });
  // depmod looks into lib/modules; in the image that is a link into usr, which a layer must not cover.
  const base = join(tmp, 'depmod');
  mkdirSync(base, { recursive: true });
  if (!existsSync(join(base, 'lib'))) symlinkSync(join(root, 'usr/lib'), join(base, 'lib'));
  await run('depmod', ['--basedir', base, version]);
  return version;
}

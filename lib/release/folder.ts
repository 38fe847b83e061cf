import { existsSync, lstatSync, readdirSync, readlinkSync, symlinkSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { Dock0Error } from '../error';

/** The releases in a build's output folder, the newest first. */
export function listReleases(output: string): string[] {
  const folder = join(output, 'releases');
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((id) => existsSync(join(folder, id, 'manifest.json')))
    .sort(
      (a, b) =>
        lstatSync(join(folder, b, 'manifest.json')).ctimeMs -
        lstatSync(join(folder, a, 'manifest.json')).ctimeMs,
    );
}

/** Where a release is in a build's output folder. */
export function releaseFolder(output: string, id: string): string {
  return join(output, 'releases', id);
}

/**
 * The folder of a release that is named by its id, the beginning of it, or `current`.
 *
 * @throws Dock0Error naming the releases that exist
 */
export function knownRelease(output: string, stated: string): string {
  const known = listReleases(output);
  const wanted = stated === 'current' ? currentRelease(output) : undefined;
  const [found, ...others] = known.filter((id) => id === wanted || id.startsWith(stated));
  if (found !== undefined && others.length === 0) return releaseFolder(output, found);
  const problem = found === undefined ? 'no such release' : 'more than one release begins with this';
  throw new Dock0Error(`--release ${stated}: ${problem}`, {
    hint: `In ${output}: ${known.join(', ') || 'none; `gulp build` makes one'}.`,
  });
}

/** The id of the release that `current` links to; undefined if there is none. */
export function currentRelease(output: string): string | undefined {
  const link = join(output, 'current');
  return lstatSync(link, { throwIfNoEntry: false })?.isSymbolicLink()
    ? readlinkSync(link).split('/').at(-1)
    : undefined;
}

/**
 * Makes `current` link to a release, by a single rename.
 *
 * @param work a folder on the same file system that goes away with the process
 */
export async function switchCurrent(output: string, id: string, work: string): Promise<void> {
  const made = join(work, 'current');
  symlinkSync(join('releases', id), made);
  await rename(made, join(output, 'current'));
}

/**
 * Removes all but the `keep` newest releases; the current one always stays.
 *
 * @param work a folder on the same file system that goes away with the process
 * @param remove removes a folder
 * @returns the ids of the removed ones, and what resolves when they are gone
 */
export async function pruneReleases(
  output: string,
  keep: number,
  work: string,
  remove: (folder: string) => Promise<void>,
): Promise<{ pruned: string[]; gone: Promise<unknown> }> {
  const current = currentRelease(output);
  const doomed = listReleases(output)
    .filter((id) => id !== current)
    .slice(Math.max(0, keep - 1));
  // Renamed first, so that a release is either complete or not there.
  for (const id of doomed) await rename(releaseFolder(output, id), join(work, id));
  return { pruned: doomed, gone: Promise.all(doomed.map((id) => remove(join(work, id)))) };
}

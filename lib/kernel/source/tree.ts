import { createHash } from 'node:crypto';
import { cp, mkdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { canonicalJson } from '../../engine/fingerprint';
import { hashFile, hashIndexOf } from '../../engine/hash-index';
import { treeDigests } from '../../engine/inputs';
import { Dock0Error } from '../../error';
import { guard } from '../../system/guard';
import { applyPatches, type Patch } from '../patches';
import type { Work } from '../work';
import { refuseDownload } from './download';
import { isUncounted, keyOf, type Origin } from './origin';
import { requireSource, unpack } from './tarball';

/** A source that can be compiled: unpacked, verified, patched. Nothing is ever written into it. */
export interface SourceTree {
  path: string;
  /** Names the tree: the same for the same source and patches. */
  key: string;
  /** Seconds since the epoch: what the kernel says it was built at, where nothing else states a time. */
  epoch: number;
  /** What each path of a folder that its user may change holds now; undefined for a source that stays as it is. */
  contents?: () => Map<string, string>;
}

/**
 * Finds the source in the cache of unpacked sources, or downloads, verifies, unpacks and patches it into there. The
 * folder appears whole or not at all. A `directory` without patches is used where it is.
 *
 * @throws Dock0Error when it is unavailable or not the expected one, or when a patch fails
 */
export async function prepareTree(
  origin: Origin,
  patches: readonly Patch[],
  work: Work,
): Promise<SourceTree> {
  const { folder } = origin;
  if (folder !== undefined) await requireClean(folder);
  const contents = (): Map<string, string> =>
    treeDigests({ path: folder as string, except: isUncounted }, hashIndexOf(work.cache));
  if (folder !== undefined && patches.length === 0) {
    // Its own name, not its content's: an edited source stays an incremental build. From the cache, since both may move.
    const values = { folder: relative(work.cache, folder) };
    return { path: folder, key: keyOf({ values, files: [] }, []), epoch: 0, contents };
  }
  const content = folder === undefined ? origin : { values: { folder: hashOf(contents()) }, files: [] };
  const key = keyOf(
    content,
    patches.map(({ path, name, program }) => [name, program, hashFile(path)]),
  );
  const path = join(work.cache, 'kernel', 'sources', key);
  if (!(await exists(path))) await make(path, key, origin, patches, work);
  const now = new Date();
  await utimes(path, now, now);
  const epoch = folder === undefined ? Math.floor((await stat(join(path, 'Makefile'))).mtimeMs / 1000) : 0;
  return { path, key, epoch };
}

async function make(
  path: string,
  key: string,
  origin: Origin,
  patches: readonly Patch[],
  work: Work,
): Promise<void> {
  const scratch = `${path}.new`;
  const held = await guard(join(work.cache, 'locks', `kernel-source-${key}.lock`), {
    remove: [scratch],
    signal: work.signal,
    onWait: () => work.log(`waiting for another build that unpacks ${origin.name}`),
  });
  try {
    if (await exists(path)) return;
    await rm(scratch, { recursive: true, force: true });
    await mkdir(join(scratch, 'tree'), { recursive: true });
    const top = await fill(join(scratch, 'tree'), join(scratch, 'fetched'), origin, work);
    const { mtime } = await stat(join(top, 'Makefile'));
    await applyPatches(patches, top, work);
    // The kernel's build time follows the source's, not the moment it was patched.
    if (patches.length > 0) await utimes(join(top, 'Makefile'), mtime, mtime);
    await rename(top, path);
  } finally {
    await held.release();
  }
}

async function fill(into: string, fetched: string, origin: Origin, work: Work): Promise<string> {
  if (origin.folder === undefined) {
    await mkdir(fetched);
    const tarball = await origin.fetch(fetched, work);
    return await unpack(tarball, into, origin.name, work).catch(async (error) => {
      throw await refuseDownload(error, tarball, work);
    });
  }
  await cp(origin.folder, into, {
    recursive: true,
    preserveTimestamps: true,
    verbatimSymlinks: true,
    filter: (path) => !isUncounted(path),
  });
  return into;
}

function hashOf(contents: Map<string, string>): string {
  return createHash('sha256')
    .update(canonicalJson([...contents]))
    .digest('hex');
}

/** Kbuild refuses a tree that was compiled in place, but less clearly. */
async function requireClean(folder: string): Promise<void> {
  await requireSource(folder, 'kernel.source.directory');
  for (const left of ['.config', 'include/config', 'include/generated']) {
    if (!(await exists(join(folder, left)))) continue;
    throw new Dock0Error(`kernel.source.directory: ${folder} was compiled in place (it has ${left})`, {
      hint: `Clean it with \`make -C ${folder} mrproper\`, which removes its .config too; copy that one and use it as kernel.base.`,
    });
  }
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}

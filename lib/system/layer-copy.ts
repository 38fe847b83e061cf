import {
  type Dirent,
  lstatSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  type Stats,
  utimesSync,
} from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Dock0Error } from '../error';
import type { Runner } from './sandbox';

/** A root that was copied and then changed, and where its changes are to go. */
export interface CopiedRoot {
  /** The layers it was copied from, the lowest first. */
  below: string[];
  changed: string;
  /** The layer to make, an empty folder. */
  layer: string;
  run: Runner;
}

/**
 * Copies layers onto each other, the lowest first, as overlayfs would show them: a whiteout removes what is below it,
 * a folder in place of something else replaces it. (An opaque folder's mark is not looked at; none of our steps makes
 * a folder anew that a layer below has.)
 */
export async function copyLayers(below: string[], root: string, run: Runner): Promise<void> {
  for (const layer of below) {
    for (const name of whiteouts(layer, '')) rmSync(join(root, name), { recursive: true, force: true });
    await run('cp', ['--archive', '--sparse=auto', '--remove-destination', '--', `${layer}/.`, root]);
    for (const name of whiteouts(layer, '')) rmSync(join(root, name), { force: true });
  }
}

/**
 * Makes a layer out of a changed copy: what is new or different is copied into it, and what is gone gets a whiteout,
 * a character device 0/0 (Documentation/filesystems/overlayfs.rst, "whiteouts and opaque directories").
 */
export async function copyChanges({ below, changed, layer, run }: CopiedRoot): Promise<void> {
  const folders = new Map<string, Stats>();
  const addFolder = async (path: string): Promise<void> => {
    if (folders.has(path)) return;
    const stat = lstatSync(join(changed, path));
    folders.set(path, stat);
    await mkdir(join(layer, path), { recursive: true });
    await run('chown', [`${stat.uid}:${stat.gid}`, '--', join(layer, path)]);
    await run('chmod', [(stat.mode & 0o7777).toString(8), '--', join(layer, path)]);
  };
  const addParents = async (path: string): Promise<void> => {
    for (const folder of ancestors(path)) await addFolder(folder);
  };
  const compare = async (path: string): Promise<void> => {
    const names = new Set(readdirSync(join(changed, path)));
    for (const name of [...names].sort()) {
      const inner = join(path, name);
      const old = topmost(below, inner);
      const now = lstatSync(join(changed, inner));
      const was = old === undefined ? undefined : lstatSync(old);
      if (now.isDirectory() && was?.isDirectory()) {
        if (owner(now) !== owner(was)) {
          await addParents(inner);
          await addFolder(inner);
        }
        await compare(inner);
      } else if (was === undefined || old === undefined || !same(join(changed, inner), now, old, was)) {
        await addParents(inner);
        await run('cp', ['--archive', '--sparse=auto', '--', join(changed, inner), join(layer, inner)]);
      }
    }
    for (const name of namesBelow(below, path)) {
      if (names.has(name)) continue;
      await addParents(join(path, name));
      await addWhiteout(join(path, name), layer, run);
    }
  };
  await compare('.');
  // Last, since whatever is put into a folder changes its time.
  for (const [path, { atime, mtime }] of [...folders].reverse()) utimesSync(join(layer, path), atime, mtime);
}

async function addWhiteout(path: string, layer: string, run: Runner): Promise<void> {
  try {
    await run('mknod', ['--', join(layer, path), 'c', '0', '0']);
  } catch (error) {
    throw new Dock0Error(
      `the removal of /${path} can't be stored: the file system of the cache takes no whiteouts`,
      {
        hint: 'It is an overlayfs itself, as in a container: put --cache on a volume or another disk.',
        cause: error,
      },
    );
  }
}

function whiteouts(layer: string, below: string): string[] {
  return readdirSync(join(layer, below), { withFileTypes: true }).flatMap((entry: Dirent) => {
    const path = join(below, entry.name);
    if (entry.isDirectory()) return whiteouts(layer, path);
    return entry.isCharacterDevice() && isWhiteout(lstatSync(join(layer, path))) ? [path] : [];
  });
}

/** Where a path is in the layers, the uppermost; undefined when it is nowhere or removed by a whiteout. */
export function topmost(below: string[], path: string): string | undefined {
  for (const layer of [...below].reverse()) {
    const stat = lstatSync(join(layer, path), { throwIfNoEntry: false });
    if (stat !== undefined) return isWhiteout(stat) ? undefined : join(layer, path);
  }
  return undefined;
}

function namesBelow(below: string[], path: string): string[] {
  const names = new Set<string>();
  for (const layer of below) {
    const stat = lstatSync(join(layer, path), { throwIfNoEntry: false });
    if (stat === undefined) continue;
    if (!stat.isDirectory()) names.clear();
    else for (const name of readdirSync(join(layer, path))) names.add(name);
  }
  return [...names].filter((name) => topmost(below, join(path, name)) !== undefined).sort();
}

function isWhiteout(stat: Stats): boolean {
  return stat.isCharacterDevice() && stat.rdev === 0;
}

function ancestors(path: string): string[] {
  const parent = dirname(path);
  return parent === '.' ? [] : [...ancestors(parent), parent];
}

function same(now: string, nowStat: Stats, old: string, oldStat: Stats): boolean {
  if (owner(nowStat) !== owner(oldStat)) return false;
  if (nowStat.isSymbolicLink()) return readlinkSync(now) === readlinkSync(old);
  if (!nowStat.isFile()) return nowStat.rdev === oldStat.rdev;
  if (nowStat.size !== oldStat.size) return false;
  return nowStat.mtimeMs === oldStat.mtimeMs || readFileSync(now).equals(readFileSync(old));
}

function owner(stat: Stats): string {
  return `${stat.mode} ${stat.uid} ${stat.gid}`;
}

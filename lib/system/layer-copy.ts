import { lstatSync, readdirSync, readFileSync, readlinkSync, type Stats } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
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
 * Makes a layer out of a changed copy: what is new or different is copied into it, and what is gone gets a whiteout,
 * a character device 0/0 (Documentation/filesystems/overlayfs.rst, "whiteouts and opaque directories").
 */
export async function copyChanges({ below, changed, layer, run }: CopiedRoot): Promise<void> {
  const before = (path: string): string | undefined => topmost(below, path);
  const compare = async (path: string): Promise<void> => {
    const names = new Set(readdirSync(join(changed, path)));
    for (const name of [...names].sort()) {
      const inner = join(path, name);
      const old = before(inner);
      const now = lstatSync(join(changed, inner));
      const was = old === undefined ? undefined : lstatSync(old);
      if (now.isDirectory() && was?.isDirectory()) {
        if (owner(now) !== owner(was)) await copyFolder(inner, now);
        await compare(inner);
      } else if (was === undefined || old === undefined || !same(join(changed, inner), now, old, was)) {
        await parents(inner);
        await run('cp', ['--archive', '--sparse=auto', '--', join(changed, inner), join(layer, inner)]);
      }
    }
    for (const name of namesBelow(below, path)) {
      if (names.has(name)) continue;
      await parents(join(path, name));
      await run('mknod', ['--', join(layer, path, name), 'c', '0', '0']);
    }
  };
  const parents = async (path: string): Promise<void> => {
    for (const folder of ancestors(path)) await copyFolder(folder, lstatSync(join(changed, folder)));
  };
  const copyFolder = async (path: string, stat: Stats): Promise<void> => {
    await mkdir(join(layer, path), { recursive: true });
    await run('chown', [`${stat.uid}:${stat.gid}`, '--', join(layer, path)]);
    await run('chmod', [(stat.mode & 0o7777).toString(8), '--', join(layer, path)]);
  };
  await compare('.');
}

function topmost(below: string[], path: string): string | undefined {
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

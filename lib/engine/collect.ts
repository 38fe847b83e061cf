import { existsSync, lstatSync, readdirSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { removeFreeLocks } from '../system/guard';
import type { Entry, Store } from './store/store';

/** What `gulp gc` keeps. */
export interface Keep {
  /** Fingerprints of artifacts that kept releases consist of; what those were made of is kept too. */
  roots: string[];
}

/** The entries of the store that nothing kept depends on, the longest unused first. */
export function garbage(store: Store, { roots }: Keep): { entry: Entry; used: number }[] {
  const all = store.list();
  const byFingerprint = new Map(all.map(({ entry }) => [entry.fingerprint, entry]));
  const kept = new Set<string>();
  const keep = (fingerprint: string): void => {
    if (kept.has(fingerprint)) return;
    kept.add(fingerprint);
    for (const need of Object.values(byFingerprint.get(fingerprint)?.record.needs ?? {})) keep(need);
  };
  for (const root of roots) keep(root);
  // A step that only points to a release (install) stays with what it depends on.
  for (const { entry } of all) {
    const needs = Object.values(entry.record.needs);
    if (needs.length > 0 && needs.every((need) => roots.includes(need))) kept.add(entry.fingerprint);
  }
  return all.filter(({ entry }) => !kept.has(entry.fingerprint)).sort((a, b) => a.used - b.used);
}

/**
 * Removes what killed builds left in the cache, work folders and lock files, and the indexes of large trees, which cost
 * seconds to make again. Only while no build runs.
 *
 * @returns how many bytes of disk that freed
 */
export async function removeLeftovers(cache: string): Promise<number> {
  let bytes = 0;
  for (const folder of ['tmp', 'hashes'].map((name) => join(cache, name))) {
    if (!existsSync(folder)) continue;
    bytes += treeBytes(folder);
    await rm(folder, { recursive: true, force: true });
  }
  // `gulp boot` and others hold locks without using the store.
  await removeFreeLocks(join(cache, 'locks'));
  return bytes;
}

/** Removes a file or folder so that nobody finds half of it where it was, even if this process is killed. */
export async function removeWhole(path: string): Promise<void> {
  if (!existsSync(path)) return;
  const doomed = path.endsWith('.removed') ? path : `${path}.removed`;
  if (doomed !== path) {
    await rm(doomed, { recursive: true, force: true });
    await rename(path, doomed);
  }
  await rm(doomed, { recursive: true, force: true });
}

/** The disk space a tree takes, in bytes; a file with several names counts once. */
export function treeBytes(folder: string): number {
  const seen = new Set<number>();
  const visit = (path: string): number => {
    const stat = lstatSync(path);
    if (stat.isDirectory()) return readdirSync(path).reduce((sum, name) => sum + visit(join(path, name)), 0);
    if (seen.has(stat.ino)) return 0;
    seen.add(stat.ino);
    return stat.blocks * 512;
  };
  return visit(folder);
}

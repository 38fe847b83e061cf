import { createHash } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Content, checkContent, type Damage, isContent } from '../engine/content';
import { writeAtomically } from '../system/atomic-write';
import { isText, listOf, readKeptJson, withKeys } from '../system/kept-json';

/** What the cache knows about a release: its folder, its artifacts and its files. */
export interface ReleaseRecord {
  folder: string;
  /** Fingerprints of its artifacts. */
  artifacts: string[];
  content: Content;
}

const isRelease = withKeys({ folder: isText, artifacts: listOf(isText), content: isContent });

/** Saves the record of a release in the cache. */
export function writeRecord(cache: string, record: ReleaseRecord): void {
  writeAtomically(fileOf(cache, record.folder), JSON.stringify(record));
}

/** The records of releases that still exist. */
export function listRecords(cache: string): ReleaseRecord[] {
  const folder = join(cache, 'releases');
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .map((name) => readKeptJson<ReleaseRecord>(join(folder, name), isRelease))
    .filter((record) => record !== undefined)
    .filter((record) => existsSync(record.folder));
}

/**
 * Compares a release with its record. Files that were added later (`verify.json`) are not damage.
 *
 * @param sums what its sums were when it was built (see {@link sumsOf}): two configurations can lead to files that are
 *   the same, and so to one id, but to different manifests
 * @returns undefined if the cache has no record of it
 */
export async function checkRelease(
  cache: string,
  folder: string,
  sums: string,
): Promise<Damage[] | undefined> {
  const record = readKeptJson<ReleaseRecord>(fileOf(cache, folder), isRelease);
  if (record === undefined) return undefined;
  if (!existsSync(folder)) return [{ path: '.', problem: 'is missing' }];
  if (sumsOf(record.content) !== sums)
    return [{ path: 'manifest.json', problem: 'is that of another configuration' }];
  const { damages, updated } = await checkContent(folder, record.content);
  if (updated) writeRecord(cache, record);
  return damages.filter(({ path }) => record.content[path] !== undefined);
}

/** What tells a release from others with the same id: its checksums, which cover the manifest. */
export function sumsOf(content: Content): string {
  return content.SHA256SUMS?.is ?? '';
}

function fileOf(cache: string, folder: string): string {
  return join(cache, 'releases', `${createHash('sha256').update(folder).digest('hex').slice(0, 24)}.json`);
}

import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Content, checkContent, type Damage } from '../engine/content';
import { writeAtomically } from '../system/atomic-write';

/** What the cache knows of a release it made: where it lies, what it was made of, and what its files were. */
export interface ReleaseRecord {
  folder: string;
  /** Fingerprints of the artifacts it consists of. */
  artifacts: string[];
  content: Content;
}

/** Keeps a release's record in the cache. */
export function writeRecord(cache: string, record: ReleaseRecord): void {
  writeAtomically(fileOf(cache, record.folder), JSON.stringify(record));
}

/** The records of releases that still exist. */
export function listRecords(cache: string): ReleaseRecord[] {
  const folder = join(cache, 'releases');
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as ReleaseRecord)
    .filter((record) => existsSync(record.folder));
}

/**
 * Compares a release with what it was when it was made. What was put beside its files later (`verify.json`) is no
 * damage.
 *
 * @returns undefined when the cache knows nothing of it
 */
export async function checkRelease(cache: string, folder: string): Promise<Damage[] | undefined> {
  const file = fileOf(cache, folder);
  if (!existsSync(file)) return undefined;
  const record = JSON.parse(readFileSync(file, 'utf8')) as ReleaseRecord;
  if (!existsSync(folder)) return [{ path: '.', problem: 'is missing' }];
  const { damages, updated } = await checkContent(folder, record.content);
  if (updated) writeRecord(cache, record);
  return damages.filter(({ path }) => record.content[path] !== undefined);
}

function fileOf(cache: string, folder: string): string {
  return join(cache, 'releases', `${createHash('sha256').update(folder).digest('hex').slice(0, 24)}.json`);
}

import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { isText, mapOf, readKeptJson } from '../system/kept-json';
import { listFiles } from './repair';
import type { Workshop } from './workshop';

type Contents = { [path: string]: string };

/**
 * Removes an object tree when make would miss a change of its source. Make compares times, so a file with other
 * content and an old time goes unseen: one that was restored, another version unpacked over it, or an edit while it
 * was compiled. The kernel would then be stored as one of a source it was not made of.
 *
 * Costs a look at each file of the source, so it is done only for a folder that can change.
 *
 * @returns to call when make has ended: remembers what changed meanwhile, since its objects may be of either content
 */
export async function dropUnseen(
  { objects, tree: { path: source, contents } }: Pick<Workshop, 'objects' | 'tree'>,
  log: (line: string) => void,
): Promise<() => void> {
  if (contents === undefined) return () => undefined;
  const file = `${objects}.contents`;
  const now: Contents = Object.fromEntries(contents());
  if (existsSync(objects) && !(await isSeen(now, read(file), source, objects))) {
    log('the source has changes that make would miss; compiling all of it again');
    rmSync(objects, { recursive: true });
  }
  write(file, now);
  return () => {
    const then = contents();
    const changed = Object.keys(now).filter((path) => then.get(path) !== now[path]);
    if (changed.length > 0) write(file, { ...now, ...Object.fromEntries(changed.map((path) => [path, ''])) });
  };
}

/** Whether whatever changed is newer than the newest object. */
async function isSeen(now: Contents, known: Contents, source: string, objects: string): Promise<boolean> {
  const changed = Object.keys(now).filter(
    (path) => known[path] !== now[path] && !now[path]?.endsWith(' folder'),
  );
  if (changed.length === 0) return true;
  const newest = Math.max(0, ...listFiles(objects).values());
  const times = await Promise.all(changed.map(async (path) => (await lstat(join(source, path))).mtimeMs));
  return times.every((time) => time > newest);
}

/** What the objects were made of; nothing when that is not known. */
function read(file: string): Contents {
  return readKeptJson<Contents>(file, mapOf(isText)) ?? {};
}

function write(file: string, contents: Contents): void {
  writeFileSync(`${file}.new`, JSON.stringify(contents));
  renameSync(`${file}.new`, file);
}

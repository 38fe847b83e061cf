import { existsSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { Workshop } from './make';
import { listFiles } from './repair';

/** Watches a source folder that its user changes, for what make would not see. */
export interface SourceWatch {
  /** Remembers what changed while make ran: nobody knows which of its objects are of which content. */
  end: () => void;
}

type Contents = { [path: string]: string };

/**
 * Makes make see every change of the source since it last ran in this object tree. Make compares times, so a file with
 * other content and an old time goes unseen: one that was restored, another version unpacked over it, or an edit while
 * it was compiled. Its objects are removed, by kbuild's records of what they were made of; where these don't say, the
 * whole tree is.
 *
 * Costs a look at each file of the source, so it is done only for a folder that can change.
 */
export async function watchSource(
  { objects, tree }: Pick<Workshop, 'objects' | 'tree'>,
  log: (line: string) => void,
): Promise<SourceWatch> {
  const { contents } = tree;
  if (contents === undefined) return { end: () => undefined };
  const file = `${objects}.contents`;
  const now: Contents = Object.fromEntries(contents());
  const known = existsSync(objects) ? read(file) : now;
  const files = existsSync(objects) ? listFiles(objects) : new Map<string, number>();
  const newest = Math.max(0, ...files.values());
  const unseen: string[] = [];
  for (const [path, digest] of Object.entries(now)) {
    if (known?.[path] === digest || digest.endsWith(' folder')) continue;
    const { mtimeMs } = await lstat(join(tree.path, path));
    if (mtimeMs <= newest) unseen.push(path);
  }
  if (known === undefined) rmSync(objects, { recursive: true });
  else if (!dropObjects(unseen, tree.path, objects, files)) {
    log('the source is another one than its objects were made of; all of it is compiled again');
    rmSync(objects, { recursive: true });
  }
  write(file, now);
  return {
    end: () => {
      const then = contents();
      const changed = Object.keys(now).filter((path) => then.get(path) !== now[path]);
      if (changed.length > 0)
        write(file, { ...now, ...Object.fromEntries(changed.map((path) => [path, ''])) });
    },
  };
}

/** Files that make reads itself, each time, or that nothing is made of unless a record says so. */
const WITHOUT_RECORD =
  /^Documentation\/|(^|\/)(Makefile|Kbuild|Kconfig)[^/]*$|^(?!tools\/|scripts\/).*\.[chS]$/;

/**
 * Removes the objects that were made of some files of the source.
 *
 * @returns false when it can't be told which these are
 */
function dropObjects(
  changed: readonly string[],
  source: string,
  objects: string,
  files: Map<string, number>,
): boolean {
  if (changed.length === 0) return true;
  const left = new Set(changed);
  const wanted = new Map<string, string>();
  for (const folder of [source, realpathSync(source)]) {
    for (const path of changed) wanted.set(join(folder, path), path);
  }
  // A relative path is one from where the objects really are.
  const place = realpathSync(objects);
  const meant = new Map<string, string | undefined>();
  const doomed = new Set<string>();
  for (const record of files.keys()) {
    const target = /^\.(.+)\.cmd$/.exec(basename(record))?.[1];
    if (target === undefined) continue;
    for (const [word] of readFileSync(record, 'utf8').matchAll(/[^\s\\]*\/[^\s\\]*/g)) {
      if (!meant.has(word)) meant.set(word, wanted.get(resolve(place, word)));
      const path = meant.get(word);
      if (path === undefined) continue;
      doomed.add(join(dirname(record), target));
      left.delete(path);
    }
  }
  if ([...left].some((path) => !WITHOUT_RECORD.test(path))) return false;
  for (const object of doomed) rmSync(object, { force: true });
  return true;
}

function read(file: string): Contents | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

function write(file: string, contents: Contents): void {
  writeFileSync(`${file}.new`, JSON.stringify(contents));
  renameSync(`${file}.new`, file);
}

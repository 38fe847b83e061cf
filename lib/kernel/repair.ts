import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';

/** Files written within this many ms before the newest one may have been unfinished when make was killed. */
const LAST_MOMENTS = 3000;

/** What kbuild writes whole or not at all, and whose loss would compile everything again. */
const LEFT_ALONE = /^(?:\.config|include\/config\/|include\/generated\/(?:autoconf\.h|rustc_cfg)$)/;

/** What each call of make for a configuration writes: `gulp kernel:check` may have made one since make was killed. */
const CONFIGURING = /^(?:Makefile$|\.gitignore$|scripts\/kconfig\/)/;

/**
 * Removes from an object tree what a killed make may have left half-written. Kbuild writes an object, then how it was
 * made (`.<name>.cmd`); make itself only looks at times and would take a truncated object for a new one. So it
 * removes objects newer than their record, objects whose record is cut, and what was written in the last moments.
 *
 * @returns how many files were removed
 */
export function repairObjects(objects: string): number {
  const files = new Map(
    [...listFiles(objects)].filter(([path]) => !CONFIGURING.test(relative(objects, path))),
  );
  const newest = Math.max(0, ...files.values());
  let removed = 0;
  const remove = (path: string): void => {
    rmSync(path, { force: true });
    removed++;
  };
  for (const [path, time] of files) {
    if (LEFT_ALONE.test(relative(objects, path))) continue;
    const target = /^\.(.+)\.cmd$/.exec(basename(path))?.[1];
    const made = target === undefined ? undefined : join(dirname(path), target);
    const cut = target !== undefined && !isWholeRecord(path);
    const overtaken = made !== undefined && (files.get(made) ?? 0) > time;
    if (time > newest - LAST_MOMENTS || cut) remove(path);
    if (made !== undefined && (cut || overtaken) && existsSync(made)) remove(made);
  }
  return removed;
}

/** A record of fixdep's ends in the rule that names its dependencies; any other is one line. */
function isWholeRecord(path: string): boolean {
  const text = readFileSync(path, 'utf8');
  if (!text.endsWith('\n')) return false;
  return !/^(?:source|deps)_/m.test(text) || /^\$\(deps_.*\):\s*$/m.test(text);
}

/** The files of an object tree with the time each was last written, in ms since the epoch. */
export function listFiles(folder: string, found = new Map<string, number>()): Map<string, number> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) listFiles(path, found);
    else if (entry.isFile()) found.set(path, statSync(path).mtimeMs);
  }
  return found;
}

/** The mark beside an object tree while make works in it; it stays when make is interrupted. */
export function unfinishedMark(objects: string): { there: boolean; set: () => void; clear: () => void } {
  const path = `${objects}.unfinished`;
  return {
    there: existsSync(path),
    set: () => writeFileSync(path, `${process.pid}\n`),
    clear: () => rmSync(path, { force: true }),
  };
}

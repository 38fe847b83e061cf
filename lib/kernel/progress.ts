import { writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { isNumber, mapOf, readKeptJson } from '../system/kept-json';

/** How many objects a source took to compile. */
interface Counts {
  /** The whole kernel. */
  clean?: number;
  /** After a change of the configuration. */
  changed?: number;
}

/** Objects that a kernel has for each option that is on, by experience: the estimate before the first build. */
const OBJECTS_PER_OPTION = 1.75;

/** Counts the objects that make announces. */
interface Meter {
  /** Takes a line of make's output; returns how far make is. */
  see: (line: string) => { done: number; total: number; folder: string } | undefined;
  /** Remembers the count for the next build of this source. */
  finish: () => void;
}

/**
 * Opens a meter. Its total comes from the last build of this source, kept in `file`, else from the number of options
 * that are on. When a change takes more than expected, the total becomes that of a clean build; it is never reached early.
 *
 * @param clean nothing is compiled yet
 * @param options how many options are on
 */
export function openMeter(file: string, clean: boolean, options: number): Meter {
  const known = readCounts(file);
  const kind = clean ? 'clean' : 'changed';
  const all = known.clean ?? Math.round(options * OBJECTS_PER_OPTION);
  const expected = known[kind] ?? (clean ? all : Math.round(all * 0.05));
  const totalAt = (done: number): number =>
    done <= expected ? expected : Math.max(all, Math.ceil(done * 1.1));
  let done = 0;
  return {
    see: (line) => {
      const path = /^ {2}(?:CC|AS)\s+(?:\[M\]\s+)?([^/\s]\S*\.o)$/.exec(line)?.[1];
      if (path === undefined) return undefined;
      done++;
      return { done, total: totalAt(done), folder: dirname(path) };
    },
    finish: () => {
      if (done > 0) writeFileSync(file, JSON.stringify({ ...known, [kind]: done }));
    },
  };
}

function readCounts(file: string): Counts {
  return readKeptJson<Counts>(file, mapOf(isNumber)) ?? {};
}

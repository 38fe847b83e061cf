import { Dock0Error } from '../error';
import type { Entry } from './entry';

/** The last name of a newc archive, which no file can have. */
export const TRAILER = 'TRAILER!!!';

/** The paths of an archive that is being written. */
export interface Paths {
  /**
   * Admits the next entry. A folder may come again, with other attributes.
   *
   * @returns the folders above it that are not there yet, the uppermost first; none are missing after this
   * @throws Dock0Error when it leaves the archive, is there already, or lies below something that is not a folder
   */
  add: (entry: Pick<Entry, 'path' | 'type'>) => string[];
}

/** Checks the paths of an archive; who unpacks it would follow a link to wherever it leads. */
export function openPaths(): Paths {
  const seen = new Map<string, Entry['type']>();
  return {
    add: ({ path, type }) => {
      check(path);
      const before = seen.get(path);
      if (before !== undefined && (type !== 'directory' || before !== 'directory')) {
        throw new Dock0Error(`${path} is in the archive twice`);
      }
      const missing: string[] = [];
      for (let at = path.indexOf('/'); at !== -1; at = path.indexOf('/', at + 1)) {
        const parent = path.slice(0, at);
        const there = seen.get(parent);
        if (there === undefined) missing.push(parent);
        else if (there !== 'directory') {
          const what = there === 'symlink' ? 'a symbolic link' : 'not a folder';
          throw new Dock0Error(`${path} cannot be written: ${parent} is ${what} in the archive`, {
            hint: `gulp.src() follows links to folders; a pattern like "!…/${parent}/**/*" leaves out what is behind one.`,
          });
        }
      }
      for (const parent of missing) seen.set(parent, 'directory');
      seen.set(path, type);
      return missing;
    },
  };
}

function check(path: string): void {
  const parts = path.split('/');
  const bad = parts.some((part) => part === '' || part === '.' || part === '..') || path.includes('\0');
  if (!bad && path !== TRAILER) return;
  throw new Dock0Error(`"${path}" is not a valid path in an archive`, {
    hint: 'Paths are relative to the root of the archive, without ".", ".." and empty parts.',
  });
}

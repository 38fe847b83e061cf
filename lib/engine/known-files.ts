import { lstatSync, readdirSync, type Stats, unlinkSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Dock0Error } from '../error';
import { linkOrCopy } from '../system/link-or-copy';
import { type Content, identity, type KnownFile, times, unchanged } from './content';

/**
 * Files whose bytes are known, while they get and lose names. A second name (link(2)) changes the ctime of a file, and so
 * does a change of its bytes by somebody who then sets the mtime back. So every link is looked at from both sides: the
 * file is the one that was checked right before it, and different by that link alone right after it. Wherever that
 * can't be told, the file is hashed.
 */
export interface KnownFiles {
  /**
   * Adds a file as it was when it was last known.
   *
   * @param what how errors call it
   */
  add: (path: string, known: KnownFile, what: string) => void;
  /**
   * Adds a file that was just written.
   *
   * @param sha256 what it is to be; default: what it is
   * @returns its SHA-256
   */
  addNew: (path: string, what: string, sha256?: string) => string;
  /**
   * Gives an added file another name, or copies it there where that is impossible; the copy is known too.
   *
   * @throws Dock0Error when it is not what it was
   */
  place: (path: string, target: string) => void;
  /** Looks at all of them again; throws as `place` does. */
  confirm: () => void;
  /**
   * Removes a folder, with the names that files have in it. Files of other names are as they stay when it returns; the
   * rest, such as a large disk image, goes while others go on.
   */
  remove: (folder: string) => Promise<void>;
  /** Says that a folder has another name now. */
  moved: (from: string, to: string) => void;
  /** What is known of the files below a folder, by their path there. */
  below: (folder: string) => { [path: string]: KnownFile };
}

/** A file, which may have several names. */
interface File {
  known: KnownFile;
  what: string;
}

/** Files that several have at once, by the path they were added with. */
export type SharedFiles = Map<string, File>;

/**
 * Knows no file yet.
 *
 * @param shared what others of this process know too, while they link the same files
 */
export function knownFiles(shared: SharedFiles = new Map()): KnownFiles {
  const names = new Map<string, File>();

  const ofName = (path: string): File => {
    const file = names.get(path);
    if (file === undefined) throw new Error(`${path} is none of the known files`);
    return file;
  };

  const look = (path: string, file: File): Stats => {
    const stat = lstatSync(path, { throwIfNoEntry: false });
    if (stat === undefined) throw damaged(file, 'is missing');
    if (unchanged(file.known, stat)) return stat;
    if (identity(path, stat) !== file.known.is)
      throw damaged(file, 'has other content than when it was made');
    // Of before it was hashed: a later change shows.
    file.known = { is: file.known.is, ...times(stat) };
    return stat;
  };

  /** What changes how many names a file has. */
  const relink = (path: string, file: File, links: number, change: () => void): void => {
    const before = lstatSync(path);
    const was = unchanged(file.known, before);
    change();
    const after = lstatSync(path, { throwIfNoEntry: false });
    // Otherwise somebody else was there too, and whoever looks next hashes the file.
    if (after !== undefined && was && onlyLinks(before, after, links)) {
      file.known = { is: file.known.is, ...times(after) };
    }
  };

  /** Removes the names of files that have another one too. */
  const removeNames = (folder: string): void => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) removeNames(path);
      else {
        const inode = lstatSync(path).ino;
        const others = [...names].filter(([name, { known }]) => name !== path && known.inode === inode);
        const [other] =
          others.find(([name]) => lstatSync(name, { throwIfNoEntry: false })?.ino === inode) ?? [];
        names.delete(path);
        if (other !== undefined) relink(other, ofName(other), -1, () => unlinkSync(path));
      }
    }
  };

  return {
    add: (path, known, what) => {
      const found = shared.get(path);
      const file = found?.known.is === known.is ? found : { known, what };
      const stat = lstatSync(path, { throwIfNoEntry: false });
      // Of two that know it, either can be the one that saw it last.
      if (stat === undefined || !unchanged(file.known, stat)) file.known = known;
      shared.set(path, file);
      names.set(path, file);
    },
    addNew: (path, what, sha256) => {
      const stat = lstatSync(path);
      const is = identity(path, stat);
      const found = is.slice(is.lastIndexOf(' ') + 1);
      const file: File = { known: { is, ...times(stat) }, what };
      if (sha256 !== undefined && found !== sha256) throw damaged(file, 'has other content than was written');
      names.set(path, file);
      return found;
    },
    place: (path, target) => {
      const file = ofName(path);
      const { ino, dev } = look(path, file);
      relink(path, file, 1, () => linkOrCopy(path, target));
      const placed = lstatSync(target);
      if (placed.ino === ino && placed.dev === dev) names.set(target, file);
      else {
        const known = { is: identity(target, placed, { sha256: sha256Of(file.known) }), ...times(placed) };
        names.set(target, { known, what: file.what });
      }
      // A link that somebody else made at the same time is one too many; and what was copied was read in between.
      look(path, file);
    },
    confirm: () => {
      for (const [path, file] of names) look(path, file);
    },
    remove: (folder) => {
      removeNames(folder);
      return rm(folder, { recursive: true });
    },
    moved: (from, to) => {
      for (const [path, file] of [...names]) {
        if (!path.startsWith(`${from}/`)) continue;
        names.delete(path);
        names.set(`${to}${path.slice(from.length)}`, file);
      }
    },
    below: (folder): Content =>
      Object.fromEntries(
        [...names]
          .filter(([path]) => path.startsWith(`${folder}/`))
          .map(([path, { known }]) => [path.slice(folder.length + 1), known]),
      ),
  };
}

function onlyLinks(before: Stats, after: Stats, links: number): boolean {
  const same = (['size', 'mtimeMs', 'ino', 'dev', 'mode', 'uid', 'gid'] as const).every(
    (key) => before[key] === after[key],
  );
  // Without a link (a copy) nothing changes at all.
  return same && (after.nlink === before.nlink + links || after.ctimeMs === before.ctimeMs);
}

function sha256Of({ is }: KnownFile): string {
  return is.slice(is.lastIndexOf(' ') + 1);
}

function damaged({ what }: File, problem: string): Dock0Error {
  return new Dock0Error(`${what} ${problem}`, {
    hint: 'It was changed while the build ran. Build again: what is damaged is made again.',
  });
}

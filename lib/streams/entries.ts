import { createHash } from 'node:crypto';
import type Vinyl from 'vinyl';
import { Dock0Error } from '../error';
import { type Sized, sized } from './contents';
import type { Entry } from './entry';

/** What every kind of file has in an archive. */
export type Attributes = Pick<Entry, 'mode' | 'owner' | 'mtime'>;

const FORMAT = 0o170000;
const LATEST = 0xffffffff;
const NO_CONTENTS = { hint: 'gulp.src() has to read the files: without `read: false`.' };

/**
 * Makes entries of an archive out of vinyl files, by their path relative to the base. Files with the same `dev` and `ino`
 * in `stat` are one file with several names, as long as their contents and attributes are still the same.
 *
 * @param use is given the entry, whose content is readable until it returns
 */
export function entries(
  signal: AbortSignal,
  use: (entry: Entry) => Promise<void>,
): (file: Vinyl) => Promise<void> {
  const linked = new Map<string, { path: string; same: string }>();
  return async (file) => {
    const path = pathOf(file);
    if (!file.isBuffer() && !file.isStream()) return use(withoutContent(file, path));
    const attributes = attributesOf(file, 0o644);
    const key = linkKey(file);
    if (key === undefined) {
      const { content, free } = await sized(file, signal, () => undefined);
      return use({ ...attributes, type: 'file', path, content }).finally(free);
    }
    const hash = createHash('sha256');
    const { content, free }: Sized = await sized(file, signal, (bytes) => hash.update(bytes));
    const same = JSON.stringify([attributes, hash.digest('hex')]);
    const first = linked.get(key);
    if (first === undefined) linked.set(key, { path, same });
    const entry: Entry =
      first?.same === same
        ? { ...attributes, type: 'hardlink', path, target: first.path }
        : {
            ...attributes,
            type: 'file',
            path,
            content,
            links: first === undefined ? Number(file.stat?.nlink) : 1,
          };
    return use(entry).finally(free);
  };
}

/**
 * Mode, owner and time of a file.
 *
 * @param mode what it has without a `stat`
 */
export function attributesOf({ stat }: Vinyl, mode: number): Attributes {
  const time = stat?.mtime?.getTime?.() ?? stat?.mtimeMs;
  const mtime = time === undefined ? Number.NaN : Math.floor(time / 1000);
  return {
    mode: (stat?.mode ?? mode) & 0o7777,
    ...(stat?.uid === undefined && stat?.gid === undefined
      ? {}
      : { owner: { uid: stat.uid ?? 0, gid: stat.gid ?? 0 } }),
    ...(Number.isNaN(mtime) ? {} : { mtime: Math.min(Math.max(mtime, 0), LATEST) }),
  };
}

/** Whether a file is the base itself, which has no name in an archive. */
export function isRoot(file: Vinyl): boolean {
  return file.relative === '' && file.isNull() && isFolder(file);
}

function isFolder(file: Vinyl): boolean {
  return file.isDirectory() || formatOf(file) === 0o040000;
}

function formatOf({ stat }: Vinyl): number {
  return (stat?.mode ?? 0) & FORMAT;
}

function pathOf(file: Vinyl): string {
  const path = file.relative;
  if (path === '') throw new Dock0Error(`${file.path}: has no path below its base, ${file.base}`);
  if (/\p{Surrogate}/u.test(path)) throw new Dock0Error(`"${path}" is not valid Unicode`);
  return path;
}

function withoutContent(file: Vinyl, path: string): Entry {
  if (file.isSymbolic()) {
    if (!file.symlink) throw new Dock0Error(`${path}: a symbolic link without its target`, NO_CONTENTS);
    return { ...attributesOf(file, 0o777), type: 'symlink', path, target: file.symlink };
  }
  if (isFolder(file)) return { ...attributesOf(file, 0o755), type: 'directory', path };
  const attributes = attributesOf(file, 0o644);
  const format = formatOf(file);
  if (format === 0o010000) return { ...attributes, type: 'fifo', path };
  if (format === 0o020000 || format === 0o060000) {
    const type = format === 0o020000 ? 'character' : 'block';
    return { ...attributes, type, path, ...deviceOf(Number(file.stat?.rdev ?? 0)) };
  }
  if (format === 0o140000) throw new Dock0Error(`${path}: a socket cannot be archived`);
  throw new Dock0Error(`${path}: has no contents`, NO_CONTENTS);
}

function linkKey({ stat }: Vinyl): string | undefined {
  if (!stat?.ino || (stat.nlink ?? 1) < 2) return undefined;
  return `${stat.dev}:${stat.ino}`;
}

/** The numbers of a device from Linux's 64-bit encoding (makedev(3)). */
export function deviceOf(rdev: number): { major: number; minor: number } {
  const bits = BigInt(rdev);
  const major = ((bits >> 8n) & 0xfffn) | ((bits >> 32n) & ~0xfffn);
  const minor = (bits & 0xffn) | ((bits >> 12n) & ~0xffn & 0xffffffffn);
  return { major: Number(major), minor: Number(minor) };
}

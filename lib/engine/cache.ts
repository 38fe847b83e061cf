import { chmodSync, existsSync, readdirSync, type Stats, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Dock0Error } from '../error';
import { isText, mapOf, readKeptJson } from '../system/kept-json';
import { makeFolder } from '../system/make-folder';
import { dropDefaultLists } from '../system/xattrs';
import { isSettled } from './hash-index';

/** Marks a folder as a cache, for programs that back up or clean up (Cache Directory Tagging Specification). */
const TAG = 'CACHEDIR.TAG';
const TAG_TEXT = 'Signature: 8a477f597d28d172789f06886806bc55\n# The cache of gulp-dock0.\n';

/**
 * Makes the cache folder, or makes sure that an existing one is readable by its owner only: it holds setuid programs and
 * secrets of images. A folder that has something else in it keeps its mode; then what is made in it is closed.
 *
 * @throws Dock0Error when the path cannot be mounted, or when such a folder has an open one of a name that the cache takes
 */
export function openCache(cache: string): void {
  // Between quotes mount(8) takes a comma, and it has no way to write a quote.
  if (cache.includes('"'))
    throw new Dock0Error(`the path of the cache has a quote in it, which mount cannot be told: ${cache}`, {
      hint: '`--cache FOLDER` takes another folder.',
    });
  makeFolder(cache, 0o700);
  const tag = join(cache, TAG);
  const ours = existsSync(tag) || readdirSync(cache).every((name) => KNOWN.has(name));
  if (ours && !existsSync(tag)) writeFileSync(tag, TAG_TEXT);
  const closed = ours ? [cache] : FOLDERS.map((name) => join(cache, name));
  for (const folder of closed) {
    makeFolder(folder, 0o700);
    const { mode } = statSync(folder);
    // It may be somebody else's: /var/cache has a folder apt, and /var one for everybody's temporary files.
    if (!ours && (mode & 0o077) !== 0)
      throw new Dock0Error(`${folder} is open to others: the cache would be, too`, {
        hint: '`--cache FOLDER` takes a folder of its own; `chmod 700` closes one of an older cache.',
      });
    if ((mode & 0o7077) !== 0) chmodSync(folder, 0o700);
  }
  // What is made in a folder with a default access list, or with the setgid bit, has that of the folder instead of its own.
  const heirs = ours ? [cache, ...foldersIn(cache)] : [...closed, ...closed.flatMap(foldersIn)];
  for (const folder of heirs) {
    const { mode } = statSync(folder);
    if ((mode & 0o2000) !== 0) chmodSync(folder, mode & 0o5777);
  }
  dropLists(join(cache, 'folders.json'), heirs);
}

/** Takes default access lists off folders. It takes a process: those that had none are remembered as long as they stay the same. */
function dropLists(file: string, folders: readonly string[]): void {
  const seen = readKeptJson<Record<string, string>>(file, mapOf(isText)) ?? {};
  const stats = folders.map((folder) => [folder, statSync(folder)] as const);
  const stamp = ({ ino, ctimeMs }: Stats): string => `${ino} ${ctimeMs}`;
  if (stats.every(([folder, stat]) => seen[folder] === stamp(stat))) return;
  // Before they are looked at: a later change shows.
  const settled = stats.filter(([, stat]) => isSettled(stat));
  dropDefaultLists(folders);
  // In place: another name for it would change the folder that it is in.
  const text = JSON.stringify(Object.fromEntries(settled.map(([folder, stat]) => [folder, stamp(stat)])));
  try {
    writeFileSync(file, text, { mode: 0o600 });
  } catch {
    // On a full disk they are looked at again the next time; a build that has all there goes on.
    return;
  }
}

function foldersIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(folder, name));
}

/** What the cache consists of. In any of the folders may be what only its owner may read: addresses with passwords, records. */
const FOLDERS = [
  'apt',
  'downloads',
  'hashes',
  'history',
  'images',
  'kernel',
  'locks',
  'pacman',
  'releases',
  'store',
  'tmp',
];
const KNOWN = new Set([
  ...FOLDERS,
  'ccache',
  'folders.json',
  'hashes.json',
  'secret.key',
  'store.lock',
  'tools.json',
]);

import { chmodSync, existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Marks a folder as a cache, for programs that back up or clean up (Cache Directory Tagging Specification). */
const TAG = 'CACHEDIR.TAG';
const TAG_TEXT = 'Signature: 8a477f597d28d172789f06886806bc55\n# The cache of gulp-dock0.\n';

/**
 * Makes the cache folder, or makes sure that an existing one is readable by its owner only: it holds setuid programs and
 * secrets of images. A folder that has something else in it keeps its mode; then what is ours in it is closed.
 */
export async function openCache(cache: string): Promise<void> {
  mkdirSync(cache, { recursive: true, mode: 0o700 });
  const tag = join(cache, TAG);
  const ours = existsSync(tag) || readdirSync(cache).every((name) => KNOWN.has(name));
  if (ours && !existsSync(tag)) writeFileSync(tag, TAG_TEXT);
  const closed = ours ? [cache] : PRIVATE.map((name) => join(cache, name));
  for (const folder of closed) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    if ((statSync(folder).mode & 0o077) !== 0) chmodSync(folder, 0o700);
  }
}

/** What the cache consists of. */
const PRIVATE = ['store', 'tmp'];
const KNOWN = new Set([
  ...PRIVATE,
  'apt',
  'downloads',
  'hashes',
  'hashes.json',
  'history',
  'kernel',
  'locks',
  'pacman',
  'releases',
  'secret.key',
  'store.lock',
  'tools.json',
]);

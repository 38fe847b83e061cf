import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { codeOf } from '../error';
import { ccacheFolder } from './launcher';

/** A part of the cache that can be removed: a kernel's build makes it again when it needs it. */
interface KernelCacheEntry {
  /** What it is called in a list: `unpacked kernel source 3f2a…`. */
  name: string;
  kind: 'source' | 'objects' | 'download' | 'compiler cache' | 'leftover';
  /** What has to be removed with it, files and folders, absolute. */
  paths: string[];
  bytes: number;
  /** When it was used last, in ms since the epoch. */
  used: number;
  /** A file to lock (flock(2)) while it is removed, so that no build is in it. */
  lock: string | undefined;
}

/**
 * All that kernel builds keep in a cache folder: downloads, unpacked sources, object trees, ccache's files, and the
 * remains of what was being removed. Lists of releases, a few kilobytes, do not count.
 */
export function kernelCacheEntries(cache: string): KernelCacheEntry[] {
  const entry = (
    kind: KernelCacheEntry['kind'],
    name: string,
    paths: string[],
    lock?: string,
  ): KernelCacheEntry => ({
    name,
    kind,
    paths,
    bytes: paths.reduce((sum, path) => sum + bytesIn(path), 0),
    used: lstatSync(paths[0] as string).mtimeMs,
    lock,
  });
  const sources = join(cache, 'kernel', 'sources');
  const objects = join(cache, 'kernel', 'objects');
  const downloads = join(cache, 'downloads', 'kernel');
  const ccache = ccacheFolder(cache);
  return [
    ...folders(sources).map((name) =>
      entry(
        'source',
        `kernel source ${name}`,
        [join(sources, name)],
        join(cache, 'locks', `kernel-source-${name}.lock`),
      ),
    ),
    ...folders(objects).map((name) => {
      const besides = ['.unfinished', '.count', '.lock', '.contents'].map((suffix) =>
        join(objects, `${name}${suffix}`),
      );
      return entry(
        'objects',
        `kernel objects ${name}`,
        [join(objects, name), ...besides],
        join(objects, `${name}.guard`),
      );
    }),
    ...[...downloaded(names(downloads))].map(([name, files]) =>
      entry(
        'download',
        `download ${name}`,
        files.map((file) => join(downloads, file)),
      ),
    ),
    ...(ccache.startsWith(`${cache}/`) && names(ccache).length > 0
      ? [entry('compiler cache', 'compiler cache', [ccache])]
      : []),
    ...[sources, objects].flatMap((folder) =>
      names(folder)
        .filter((name) => name.endsWith('.removed'))
        .map((name) => entry('leftover', `remains of ${name}`, [join(folder, name)])),
    ),
  ];
}

/** Files of downloads (`<hash of the address>-linux-6.1.2.tar.xz`) by what they are of: tarball, signature, a part. */
function downloaded(files: string[]): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const file of files) {
    const name = /^[0-9a-f]{8}-(.+?)(?:\.tar(?:\.\w+)?)?(?:\.part)?(?:\.headers)?$/.exec(file)?.[1];
    if (name !== undefined) found.set(name, [...(found.get(name) ?? []), file]);
  }
  return found;
}

function names(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  }
}

/** Finished folders; a name with a dot is something unfinished, or a companion file. */
function folders(folder: string): string[] {
  return names(folder).filter((name) => !name.includes('.') && lstatSync(join(folder, name)).isDirectory());
}

/** Bytes on the disk; 0 when the path does not exist. */
function bytesIn(path: string): number {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return 0;
  const own = stat.blocks * 512;
  return stat.isDirectory() ? names(path).reduce((sum, name) => sum + bytesIn(join(path, name)), own) : own;
}

import { existsSync, lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Distribution } from '../distributions/provider';
import { byteSize, table } from '../report/format';
import { realInRoot } from '../root/path';

/** A file of the root. */
interface Sized {
  /** Without a slash in front. */
  path: string;
  bytes: number;
}

/** What takes the place in a root. */
export interface Sizes {
  /** By package, the largest first; what no package owns is under `NO_PACKAGE`. */
  packages: [name: string, bytes: number][];
  /** The largest files. */
  files: Sized[];
  bytes: number;
}

const NO_PACKAGE = '(no package)';
const LARGEST = 10;

/**
 * Adds up what is in a stack of layers, as a machine sees it: what a layer removes or replaces does not count.
 *
 * @param layers folders, the lowest first; the first one has the package manager's database
 */
export function sizesOf(
  layers: readonly [string, ...string[]],
  { ownership }: Pick<Distribution, 'ownership'>,
): Sizes {
  const files = stacked(layers);
  const owners = new Map<string, string>();
  const placeOf = placer(layers[0]);
  for (const [name, paths] of ownership?.(layers[0]) ?? [])
    for (const path of paths) owners.set(placeOf(path), name);
  const packages = new Map<string, number>();
  for (const { path, bytes } of files) {
    const owner = owners.get(path) ?? NO_PACKAGE;
    packages.set(owner, (packages.get(owner) ?? 0) + bytes);
  }
  return {
    packages: [...packages].sort(([, a], [, b]) => b - a),
    files: [...files].sort((a, b) => b.bytes - a.bytes).slice(0, LARGEST),
    bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}

/** What a machine loads of a release: its kernel, initramfs and layers. */
export function partsOf(release: string): Sized[] {
  const layers = readdirSync(join(release, 'layers')).sort();
  return ['vmlinuz', 'initramfs.img', ...layers.map((name) => `layers/${name}`)].map((path) => ({
    path,
    bytes: lstatSync(join(release, path)).size,
  }));
}

/** The sizes as text: parts of the release, packages, largest files. */
export function sizeTable(parts: readonly Sized[], { packages, files, bytes }: Sizes): string {
  const rows = (all: readonly (readonly [string, number])[]): string[][] =>
    all.map(([name, size]) => [byteSize(size), name]);
  const whole = parts.reduce((sum, part) => sum + part.bytes, 0);
  return [
    table([
      ['size', 'of the release'],
      ...rows([...parts.map((part) => [part.path, part.bytes] as const), ['all of it', whole]]),
    ]),
    table([
      ['size', `package, of ${byteSize(bytes)} before compression`],
      ...rows(packages.filter(([, size]) => size > 0)),
    ]),
    table([
      ['size', 'the largest files'],
      ...rows(files.map(({ path, bytes: size }) => [`/${path}`, size] as const)),
    ]),
  ].join('\n\n');
}

/** The regular files of a stack; a name more of the same file takes no place. */
function stacked(layers: readonly string[]): Sized[] {
  const found = new Map<string, number>();
  for (const layer of layers.filter((folder) => existsSync(folder))) {
    const seen = new Set<number>();
    const visit = (folder: string): void => {
      for (const name of readdirSync(join(layer, folder)).sort()) {
        const path = join(folder, name);
        const stat = lstatSync(join(layer, path));
        if (stat.isDirectory()) {
          found.delete(path);
          visit(path);
          continue;
        }
        // What an upper layer has instead, a removal included (overlayfs marks it by a device), hides all below it.
        if (layer !== layers[0])
          for (const below of found.keys()) if (below.startsWith(`${path}/`)) found.delete(below);
        found.delete(path);
        if (stat.isFile()) found.set(path, seen.has(stat.ino) ? 0 : stat.size);
        seen.add(stat.ino);
      }
    };
    visit('');
  }
  return [...found].map(([path, bytes]) => ({ path, bytes }));
}

/** Says where a path of a package lies: older packages name /lib, which is a link to /usr/lib. */
function placer(root: string): (path: string) => string {
  const known = new Map<string, string>();
  return (path) => {
    const [first = ''] = path.split('/');
    const real = known.get(first) ?? realInRoot(root, first)?.slice(root.length + 1) ?? first;
    known.set(first, real);
    return `${real}${path.slice(first.length)}`;
  };
}

import { existsSync, lstatSync, readdirSync, readlinkSync, realpathSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { Dock0Error } from '../error';

const MOST_LINKS = 40;

/** File systems whose files are the kernel of this machine (statfs(2)): proc, sysfs. Reading one may never end. */
const KERNEL_FILESYSTEMS = [0x9fa0, 0x62656572];

/**
 * Where to put something at a path of the image: links in its parents are followed as a program running in the image
 * would follow them, with `root` as `/`. The last part itself is not followed.
 *
 * @param root the folder that holds the image
 * @param path a path in the image, with or without a leading slash
 * @param source what is being put there, for the message
 * @returns an absolute path of this process, inside `root`
 * @throws Dock0Error when the path climbs out of the root, or passes through a link to what the image does not have
 */
export function inRoot(root: string, path: string, source = path): string {
  const refuse = (why: string): never => {
    throw new Dock0Error(`${source} can't be put into the image: ${why}`, {
      hint: 'Overlay, template and other paths have to stay below the root of the image.',
    });
  };
  if (namesIn(path).includes('..')) refuse(`"${path}" contains ".."`);
  return walk(root, path, false, refuse) as string;
}

/**
 * The file or folder that a program running in the image finds at a path, all links followed with `root` as `/`, as
 * openat2(2) does with RESOLVE_IN_ROOT: `..` in the root is the root.
 *
 * @returns an absolute path of this process, inside `root`; undefined when there is nothing
 */
export function realInRoot(root: string, path: string): string | undefined {
  if (root === '/') return realHere(path);
  const found = walk(root, path, true, () => undefined);
  return found !== undefined && existsSync(found) ? found : undefined;
}

/** This machine's own root: the kernel follows the links. */
function realHere(path: string): string | undefined {
  try {
    return realpathSync.native(join('/', path));
  } catch {
    return undefined;
  }
}

/** The regular file that a program running in the image finds at a path, all links followed; undefined when there is none. */
export function fileInRoot(root: string, path: string): string | undefined {
  const found = realInRoot(root, path);
  if (found === undefined || !lstatSync(found).isFile()) return undefined;
  return KERNEL_FILESYSTEMS.includes(statfsSync(found).type) ? undefined : found;
}

/** The names in a folder of the image, all links followed; none where there is no folder. */
export function namesInRoot(root: string, folder: string): string[] {
  const found = realInRoot(root, folder);
  return found !== undefined && lstatSync(found).isDirectory() ? readdirSync(found) : [];
}

/**
 * What lies at a path of the image, a link in the last part not followed: what to remove.
 *
 * @returns an absolute path of this process, inside `root`; undefined when there is nothing
 */
export function entryInRoot(root: string, path: string): string | undefined {
  const names = namesIn(path);
  const last = names.pop();
  const folder = realInRoot(root, names.join('/'));
  if (last === undefined || last === '..' || folder === undefined || !lstatSync(folder).isDirectory())
    return undefined;
  const entry = join(folder, last);
  return lstatSync(entry, { throwIfNoEntry: false }) === undefined ? undefined : entry;
}

/**
 * Follows a path part by part; parts behind one that is not there are taken as they are.
 *
 * @param last whether a link in the last part is followed
 * @param refuse told what a path that is to be written must not do
 */
function walk(
  root: string,
  path: string,
  last: boolean,
  refuse: (why: string) => undefined,
): string | undefined {
  const left = namesIn(path);
  const resolved: string[] = [];
  let links = 0;
  /** The absolute link that is being followed, and how many names are left when its target is through. */
  let link = { leads: '', left: Number.POSITIVE_INFINITY };
  for (let name = left.shift(); name !== undefined; name = left.shift()) {
    if (name === '..') {
      if (resolved.pop() === undefined) refuse('a link above it leads out of the image');
      continue;
    }
    const here = join(...resolved, name);
    const stat = lstatSync(join(root, here), { throwIfNoEntry: false });
    if (stat?.isSymbolicLink() && (last || left.length > 0)) {
      if (++links > MOST_LINKS) return refuse('it passes through too many links');
      const target = readlinkSync(join(root, here));
      if (target.startsWith('/')) {
        link = { leads: `/${here} is a link to ${target}`, left: left.length };
        resolved.length = 0;
      }
      left.unshift(...namesIn(target));
      continue;
    }
    if (stat === undefined && left.length >= link.left)
      return refuse(`${link.leads}, which the image does not have`);
    if (stat !== undefined && !stat.isDirectory() && left.length > 0)
      return refuse(`/${here} is not a folder`);
    resolved.push(name);
  }
  return join(root, ...resolved);
}

function namesIn(path: string): string[] {
  return path.split('/').filter((name) => name !== '' && name !== '.');
}

import { lstatSync, readdirSync, readlinkSync, realpathSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import { codeOf, Dock0Error } from '../error';
import type { FileDigest } from './fingerprint';
import type { HashIndex } from './hash-index';

/**
 * The digest of a file (mode and hash) or of a folder's tree (the same for each path below it). Of a file's mode only
 * what a build can carry over counts; owner and times do not.
 *
 * @throws Dock0Error when the path does not exist or holds something that is no file, folder or symbolic link
 */
export function digestOf(path: string, index: HashIndex): FileDigest {
  let stat: Stats;
  try {
    stat = lstatSync(path);
    if (stat.isSymbolicLink()) stat = lstatSync(realpathSync(path));
  } catch (error) {
    if (codeOf(error) === 'ENOENT') throw new Dock0Error(`${path}: no such file or folder`);
    throw error;
  }
  if (!stat.isDirectory()) return digestOfEntry(path, stat, index);
  const tree: { [path: string]: string } = {};
  addTree(path, '', tree, index);
  return tree;
}

function addTree(root: string, below: string, tree: { [path: string]: string }, index: HashIndex): void {
  for (const name of readdirSync(join(root, below)).sort()) {
    const path = below === '' ? name : `${below}/${name}`;
    const full = join(root, path);
    const stat = lstatSync(full);
    tree[path] = digestOfEntry(full, stat, index);
    if (stat.isDirectory()) addTree(root, path, tree, index);
  }
}

function digestOfEntry(path: string, stat: Stats, index: HashIndex): string {
  const mode = (stat.mode & 0o7777).toString(8);
  if (stat.isDirectory()) return `${mode} folder`;
  if (stat.isSymbolicLink()) return `link ${readlinkSync(path)}`;
  if (stat.isFile()) return `${mode} ${index.hash(path, stat)}`;
  throw new Dock0Error(`${path}: neither a file, a folder nor a symbolic link`);
}

import { lstatSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { Dock0Error } from '../error';

const MOST_LINKS = 40;

/**
 * Where a path of the image really is below `root`: links in its parents are followed as a program running in the
 * image would follow them, with `root` as `/`. The last part itself is not followed.
 *
 * @param root the folder that holds the image
 * @param path a path in the image, with or without a leading slash
 * @param source what is being put there, for the message
 * @returns an absolute path of this process, inside `root`
 * @throws Dock0Error when the path climbs out of the root, or passes through a link to what the image does not have
 */
export function inRoot(root: string, path: string, source = path): string {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..')) throw escapes(source, `"${path}" contains ".."`);
  const resolved: string[] = [];
  let links = 0;
  for (let at = 0; at < parts.length; at++) {
    const part = parts[at] as string;
    if (part === '..') {
      if (resolved.pop() === undefined) throw escapes(source, 'a link above it leads out of the image');
      continue;
    }
    const here = join(root, ...resolved, part);
    const stat = lstatSync(here, { throwIfNoEntry: false });
    if (at === parts.length - 1 || stat === undefined || stat.isDirectory()) resolved.push(part);
    else if (stat.isSymbolicLink()) {
      if (++links > MOST_LINKS) throw escapes(source, 'it passes through too many links');
      const target = readlinkSync(here);
      if (target.startsWith('/')) {
        requireFolder(root, target, source, `/${[...resolved, part].join('/')}`);
        resolved.length = 0;
      }
      parts.splice(at + 1, 0, ...target.split('/').filter((each) => each !== '' && each !== '.'));
    } else throw escapes(source, `/${[...resolved, part].join('/')} is no folder`);
  }
  return join(root, ...resolved);
}

function requireFolder(root: string, target: string, source: string, link: string): void {
  if (lstatSync(join(root, target), { throwIfNoEntry: false }) !== undefined) return;
  throw escapes(source, `${link} is a link to ${target}, which the image does not have`);
}

function escapes(source: string, why: string): Dock0Error {
  return new Dock0Error(`${source} can't be put into the image: ${why}`, {
    hint: 'Overlay, template and other paths have to stay below the root of the image.',
  });
}

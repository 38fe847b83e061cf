import {
  chmodSync,
  chownSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { Dock0Error } from '../error';
import { copyFile } from '../system/copy-file';
import { namesOf } from '../system/names';
import { fileInRoot, inRoot } from './path';

/** Something to put into the image: what it is and where it comes from. */
export type Placed =
  | { path: string; source: string; kind: 'folder'; mode: number }
  | { path: string; source: string; kind: 'link'; target: string }
  | { path: string; source: string; kind: 'file'; mode: number; content?: string | Buffer };

const EDITOR_LEFTOVERS = /(^|\/)(\.git|\.svn|\.DS_Store)(\/|$)|~(\/|$)/;

/** Whether a path of a folder never goes into an image: version control's folders, editors' backups, what is in them. */
export function isLeftover(path: string): boolean {
  return EDITOR_LEFTOVERS.test(path);
}

/**
 * Lists a folder's tree, parents first, names sorted, without version control's folders and editors' backups.
 *
 * @param leftOut told what is left out
 * @throws Dock0Error for a device, socket or pipe in it, and for a name that is no UTF-8
 */
export function listTree(folder: string, leftOut: (path: string) => void = () => undefined): Placed[] {
  const visit = (below: string): Placed[] =>
    namesOf(join(folder, below)).flatMap((name): Placed[] => {
      const path = join(below, name);
      const source = join(folder, path);
      if (isLeftover(path)) {
        leftOut(source);
        return [];
      }
      const stat = lstatSync(source);
      const mode = stat.mode & 0o7777;
      if (stat.isSymbolicLink()) return [{ path, source, kind: 'link', target: readlinkSync(source) }];
      if (stat.isDirectory()) return [{ path, source, kind: 'folder', mode }, ...visit(path)];
      if (stat.isFile()) return [{ path, source, kind: 'file', mode }];
      throw new Dock0Error(`${source}: only files, folders and symbolic links can go into the image`);
    });
  return visit('');
}

/**
 * Puts things into the image, owned by root. An existing folder keeps its mode and its content; a file or link replaces
 * what was there.
 *
 * @param root the folder that holds the image
 * @throws Dock0Error when something would land outside of the image, or a file would replace a folder
 */
export function place(root: string, things: Iterable<Placed>): void {
  for (const thing of things) {
    const source = relative(process.cwd(), thing.source);
    const target = inRoot(root, thing.path, source);
    const there = lstatSync(target, { throwIfNoEntry: false });
    if (thing.kind === 'folder') placeFolder(root, target, thing, there, source);
    else {
      if (there?.isDirectory()) throw new Dock0Error(`${source}: the image has a folder at /${thing.path}`);
      mkdirSync(dirname(target), { recursive: true });
      rmSync(target, { force: true });
      if (thing.kind === 'link') {
        symlinkSync(thing.target, target);
        lchownSync(target, 0, 0);
      } else placeFile(target, thing);
    }
  }
}

/** A generated text file. */
export function textFile(path: string, content: string, mode = 0o644): Placed {
  return { path, source: path, kind: 'file', mode, content };
}

/** A generated symbolic link. */
export function link(path: string, target: string): Placed {
  return { path, source: path, kind: 'link', target };
}

/** The content of a file in the image; undefined when there is none. */
export function readInRoot(root: string, path: string): string | undefined {
  const file = fileInRoot(root, path);
  return file === undefined ? undefined : readFileSync(file, 'utf8');
}

function placeFolder(
  root: string,
  target: string,
  thing: Placed & { kind: 'folder' },
  there: ReturnType<typeof lstatSync>,
  source: string,
): void {
  if (there === undefined) {
    mkdirSync(target, { recursive: true });
    chownSync(target, 0, 0);
    chmodSync(target, thing.mode);
  } else if (there.isSymbolicLink()) {
    // Such as /lib in a merged /usr: the files below it go where the link leads.
    inRoot(root, join(thing.path, 'x'), source);
  } else if (!there.isDirectory()) throw new Dock0Error(`${source}: the image has a file at /${thing.path}`);
}

function placeFile(target: string, { source, content, mode }: Placed & { kind: 'file' }): void {
  if (content === undefined) copyFile(source, target);
  else writeFileSync(target, content);
  chownSync(target, 0, 0);
  chmodSync(target, mode);
}

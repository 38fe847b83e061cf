import { isUtf8 } from 'node:buffer';
import { lstatSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { dirname, isAbsolute, join, relative } from 'node:path';
import { codeOf, Dock0Error } from '../error';

/** The folder in a folder of templates that only includes read: nothing of it is rendered by itself. */
export const INCLUDE_FOLDER = '.include';

/** How many links on the way of a path are followed. */
const MOST_LINKS = 40;

/**
 * Reads what `include()` in a template asks for, from the folder that the template belongs to and from nowhere else: a
 * change of any other file would not be seen, since only that folder is among what the result is kept for.
 *
 * @returns EJS's option `includer`: of the path as it is stated, and where EJS found it, gives the text
 */
export function includerOf(folder: string): (stated: string, found?: string) => { template: string } {
  return (stated, found) => {
    const shown = `include(${JSON.stringify(stated)})`;
    const file = found === undefined ? undefined : existing(() => pathInside(folder, found));
    if (file === undefined) throw new Dock0Error(`${shown}: no such file`);
    if (file === OUTSIDE) {
      const name = relative(process.cwd(), folder) || '.';
      throw new Dock0Error(`${shown} leads outside of the folder of templates, ${name}`, {
        hint: `Put the file into ${join(name, INCLUDE_FOLDER)}, which is for files that are only included, or elsewhere in ${name}.`,
      });
    }
    const bytes = readFileSync(file);
    if (!isUtf8(bytes)) throw new Dock0Error(`${shown}: a template must be valid UTF-8`);
    return { template: bytes.toString().replace(/^\uFEFF/, '') };
  };
}

const OUTSIDE = Symbol('outside');

/**
 * Follows a path, link by link. Where it ends is not enough: a link outside that leads back may be changed to lead
 * elsewhere, and nobody would notice.
 *
 * @throws the file system's error where there is nothing
 */
function pathInside(folder: string, path: string): string | typeof OUTSIDE {
  const root = realpathSync(folder);
  const from = [folder, root].find((each) => isIn(each, path));
  if (from === undefined) {
    lstatSync(path);
    return OUTSIDE;
  }
  const rest = relative(from, path).split('/');
  let here = root;
  let links = 0;
  for (let name = rest.shift(); name !== undefined; name = rest.shift()) {
    const next = join(here, name);
    if (!isIn(root, next)) return OUTSIDE;
    // Where a link leads is seen from the folder that really holds it.
    const target = lstatSync(next).isSymbolicLink() ? readlinkSync(next) : undefined;
    if (target === undefined) here = next;
    else if (++links > MOST_LINKS || (isAbsolute(target) && !isIn(root, target))) return OUTSIDE;
    else if (isAbsolute(target)) {
      here = root;
      rest.unshift(...relative(root, target).split('/'));
    } else {
      here = dirname(next);
      rest.unshift(...target.split('/'));
    }
  }
  return here;
}

function existing<T>(use: () => T): T | undefined {
  try {
    return use();
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(codeOf(error) ?? '')) return undefined;
    throw error;
  }
}

function isIn(folder: string, path: string): boolean {
  return path === folder || path.startsWith(folder === '/' ? folder : `${folder}/`);
}

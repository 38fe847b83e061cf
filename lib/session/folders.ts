import { type Stats, statSync } from 'node:fs';
import { dirname, relative } from 'node:path';
import { codeOf, Dock0Error } from '../error';
import { fileKind } from '../system/file-kind';

/**
 * Checks that a folder which builds write to is one, or can become one.
 *
 * @param flag which says where it is
 * @throws Dock0Error when something else has its name, or that of a folder above it
 */
export function checkFolder(flag: string, path: string): void {
  const above = dirname(path);
  if (above !== path) checkFolder(flag, above);
  const found = lookAt(path);
  if (found === undefined || found.isDirectory()) return;
  throw new Dock0Error(
    `${relative(process.cwd(), path) || path}: expected a folder, found ${fileKind(found)}`,
    { hint: `${flag} takes another folder.` },
  );
}

/** Undefined where nothing is, also where the folder above is no folder. */
function lookAt(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

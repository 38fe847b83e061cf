import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * The absolute path of a command, as the PATH (and the sbin folders, which a user's PATH often lacks) has it.
 */
export function findTool(name: string): string | undefined {
  if (name.includes('/')) return existsSync(name) ? name : undefined;
  const known = toolPaths.get(name);
  if (known !== undefined) return known;
  for (const folder of [
    ...(process.env.PATH ?? '').split(delimiter),
    '/usr/local/sbin',
    '/usr/sbin',
    '/sbin',
  ]) {
    const path = join(folder, name);
    if (folder !== '' && isProgram(path)) {
      toolPaths.set(name, path);
      return path;
    }
  }
  return undefined;
}

/** A shell goes on where a folder, or a file that is not executable, has the name of a command. */
function isProgram(path: string): boolean {
  try {
    // Asked first, since most folders do not have it, and an exception takes much longer.
    if (!statSync(path, { throwIfNoEntry: false })?.isFile()) return false;
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

const toolPaths = new Map<string, string>();

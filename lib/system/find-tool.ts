import { existsSync } from 'node:fs';
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
    if (folder !== '' && existsSync(path)) {
      toolPaths.set(name, path);
      return path;
    }
  }
  return undefined;
}

const toolPaths = new Map<string, string>();

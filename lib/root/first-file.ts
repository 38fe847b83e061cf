import { existsSync, lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** The first thing in a tree that is no folder; undefined where there is none, or no tree. */
export function firstFile(path: string): string | undefined {
  if (!existsSync(path) || !lstatSync(path).isDirectory()) return undefined;
  for (const name of readdirSync(path).sort()) {
    const entry = join(path, name);
    const found = lstatSync(entry).isDirectory() ? firstFile(entry) : entry;
    if (found !== undefined) return found;
  }
  return undefined;
}

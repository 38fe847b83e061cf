import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { codeOf, Dock0Error } from '../error';

/**
 * Makes a folder, and what is missing above it, one by one: Node's own way to do that tries for ever where a file system
 * says of a new folder that there is no such file, as /proc does.
 *
 * @throws Dock0Error when a file system refuses it; what only another user may do is the system's error
 */
export function makeFolder(path: string, mode?: number): void {
  try {
    const found = statSync(path, { throwIfNoEntry: false });
    if (found?.isDirectory()) return;
    if (found === undefined && dirname(path) !== path) makeFolder(dirname(path), mode);
    mkdirSync(path, { mode });
  } catch (error) {
    const code = codeOf(error);
    if (error instanceof Dock0Error || NOT_ALLOWED.has(code ?? '')) throw error;
    // Another process was faster.
    if (code === 'EEXIST' && statSync(path, { throwIfNoEntry: false })?.isDirectory()) return;
    throw new Dock0Error(`${path}: no folder can be made here (${code})`, {
      hint: '--cache and --output take other folders.',
      cause: error,
    });
  }
}

/** Whoever runs it is told of the owner, and the disk is told to be full, elsewhere. */
const NOT_ALLOWED = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT']);

import { accessSync, constants, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { codeOf, Dock0Error } from '../error';

/**
 * The folder for temporary files of this process.
 *
 * @throws Dock0Error when the environment names one in which nothing can be made
 */
export function temporaryFolder(): string {
  const folder = tmpdir();
  const wrong = whyUseless(folder);
  if (wrong === undefined) return folder;
  throw new Dock0Error(`TMPDIR: expected a folder for temporary files, found ${folder}: ${wrong}`, {
    hint: '`TMPDIR=/var/tmp` before the command names another one.',
  });
}

function whyUseless(folder: string): string | undefined {
  try {
    if (!statSync(folder).isDirectory()) return 'no folder';
    accessSync(folder, constants.W_OK | constants.X_OK);
    return undefined;
  } catch (error) {
    const code = codeOf(error);
    return code === 'ENOENT' ? 'no such folder' : `nothing can be made there (${code})`;
  }
}

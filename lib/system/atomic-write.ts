import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

let writes = 0;

/**
 * Writes a file so that readers find the old content or the new, never a part of it, also after a power cut: the
 * content is on disk before one rename puts it in place. Missing parent folders are made.
 *
 * @param content text (UTF-8) or bytes
 * @param mode permission bits of the new file, whatever the umask
 * @throws the file system's error; the old file is then as it was, and nothing is left beside it
 */
export function writeAtomically(file: string, content: string | Uint8Array, mode = 0o644): void {
  mkdirSync(dirname(file), { recursive: true });
  const work = `${file}.${process.pid}.${writes++}`;
  try {
    const descriptor = openSync(work, 'wx', mode);
    try {
      writeFileSync(descriptor, content);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(work, file);
  } catch (error) {
    rmSync(work, { force: true });
    throw error;
  }
}

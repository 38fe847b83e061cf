import { randomBytes } from 'node:crypto';
import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { codeOf } from '../error';
import { makeFolder } from './make-folder';

/**
 * The key of this machine that hides values in records: who has a record and not the key cannot guess what was hashed.
 * It is made at the first call, readable by its owner only.
 *
 * @param file where it is kept
 * @returns 32 random bytes
 */
export function secretKey(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
  makeFolder(dirname(file), 0o700);
  const work = `${file}.${process.pid}`;
  writeFileSync(work, randomBytes(32), { mode: 0o600 });
  try {
    // Fails where another process was faster: its key is the key.
    linkSync(work, file);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  } finally {
    rmSync(work);
  }
  return readFileSync(file);
}

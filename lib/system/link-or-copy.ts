import { linkSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { codeOf } from '../error';
import { copyFile } from './copy-file';

/** What link(2) answers where a second name is impossible: another file system, or one without hard links. */
const NO_LINK = new Set(['EXDEV', 'EPERM', 'EMLINK', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS']);

/**
 * Gives a file a second name, which costs no space; where the file system has no hard links between the two places,
 * copies it. Missing parent folders of `target` are made.
 *
 * @throws the file system's error, such as EEXIST where `target` exists
 */
export function linkOrCopy(source: string, target: string): void {
  mkdirSync(dirname(target), { recursive: true });
  try {
    linkSync(source, target);
  } catch (error) {
    if (!NO_LINK.has(codeOf(error) ?? '')) throw error;
    copyFile(source, target);
  }
}

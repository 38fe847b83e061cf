import { execFileSync } from 'node:child_process';
import { copyFileSync, statSync } from 'node:fs';

/** Smaller holes are not worth a process. */
const LEAST_HOLES = 1 << 20;
/** The unit of `blocks`, whatever the file system has (stat(2)). */
const BLOCK = 512;

/** Copies a file's content, like copyFileSync, but keeps its holes, so that a sparse file takes no more room than before. */
export function copyFile(source: string, target: string): void {
  const { blocks, size } = statSync(source);
  if (size - blocks * BLOCK < LEAST_HOLES) copyFileSync(source, target);
  else execFileSync('cp', ['--sparse=auto', '--reflink=auto', '--no-target-directory', '--', source, target]);
}

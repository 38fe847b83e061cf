import { closeSync, fsyncSync, lstatSync, openSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './process';

/** Up to so many paths are synced one by one; more of them by one sync of their file system. */
const FEW_PATHS = 100;

/**
 * Puts a tree on disk: after it returns, a power cut can take nothing of it.
 *
 * @param paths how many paths the tree has, which decides how: fsync(2) for each, or syncfs(2) for all
 * @throws CommandError when the disk refuses
 */
export async function syncTree(root: string, paths: number): Promise<void> {
  if (paths > FEW_PATHS) await run('sync', ['--file-system', '--', root]);
  else syncEach(root);
}

function syncEach(path: string): void {
  const stat = lstatSync(path);
  if (stat.isDirectory()) for (const name of readdirSync(path)) syncEach(join(path, name));
  else if (!stat.isFile()) return;
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

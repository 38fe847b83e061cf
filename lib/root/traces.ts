import { rmSync } from 'node:fs';
import { inRoot } from './path';

/** Backups, locks and caches that the tools of accounts and libraries leave behind. */
const TRACES = [
  'etc/passwd-',
  'etc/shadow-',
  'etc/group-',
  'etc/gshadow-',
  'etc/subuid-',
  'etc/subgid-',
  'etc/.pwd.lock',
  'var/cache/ldconfig/aux-cache',
];

/**
 * Removes from an image what would differ from one build to the next.
 *
 * @param more what the image's package manager leaves behind, below the root
 */
export function removeTraces(root: string, more: readonly string[]): void {
  for (const path of [...TRACES, ...more]) rmSync(inRoot(root, path), { force: true });
}

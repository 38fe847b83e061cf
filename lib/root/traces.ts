import { lstatSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { entryInRoot, inRoot, namesInRoot } from './path';

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
const HOST_KEYS = /^ssh_host_.*key(\.pub)?$/;
const MACHINE_ID = 'etc/machine-id';

/**
 * Removes from an image what would differ from one build to the next.
 *
 * @param more what the image's package manager leaves behind, below the root
 */
export function removeTraces(root: string, more: readonly string[]): void {
  for (const path of [...TRACES, ...more]) removeInRoot(root, path);
}

/**
 * Removes from a freshly installed image what identifies this machine or the new one: SSH's host keys, the machine's
 * id, and what the package manager's part of this names.
 *
 * @param removed paths, below the root
 * @param emptied folders, below the root
 */
export function forgetMachine(root: string, removed: readonly string[], emptied: readonly string[]): void {
  for (const path of removed) removeInRoot(root, path);
  for (const folder of emptied) emptyInRoot(root, folder);
  for (const name of namesInRoot(root, 'etc/ssh'))
    if (HOST_KEYS.test(name)) removeInRoot(root, `etc/ssh/${name}`);
  if (namesInRoot(root, 'etc').length === 0) return;
  // Empty, not absent: systemd makes an id for the time until the next boot (machine-id(5)).
  const id = inRoot(root, MACHINE_ID);
  if (lstatSync(id, { throwIfNoEntry: false })?.isFile()) truncateSync(id);
  else {
    rmSync(id, { recursive: true, force: true });
    writeFileSync(id, '', { mode: 0o444, flag: 'wx' });
  }
}

function removeInRoot(root: string, path: string): void {
  const entry = entryInRoot(root, path);
  if (entry !== undefined) rmSync(entry, { recursive: true, force: true });
}

/** Empties a folder of an image. A link in its place stays as it is: what it leads to is not meant. */
export function emptyInRoot(root: string, path: string): void {
  const folder = entryInRoot(root, path);
  if (folder === undefined || !lstatSync(folder).isDirectory()) return;
  for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true, force: true });
}

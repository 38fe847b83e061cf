import { rmSync } from 'node:fs';
import { inRoot } from './path';

/** Backups, caches and logs with times in them, which package managers and account tools leave behind. */
const TRACES = [
  'etc/passwd-',
  'etc/shadow-',
  'etc/group-',
  'etc/gshadow-',
  'etc/subuid-',
  'etc/subgid-',
  'etc/.pwd.lock',
  'var/cache/ldconfig/aux-cache',
  'var/cache/debconf/config.dat-old',
  'var/cache/debconf/passwords.dat-old',
  'var/cache/debconf/templates.dat-old',
  'var/lib/dpkg/status-old',
  'var/lib/dpkg/available-old',
  'var/lib/dpkg/diversions-old',
  'var/lib/dpkg/statoverride-old',
  'var/log/alternatives.log',
  'var/log/apt/history.log',
  'var/log/apt/term.log',
  'var/log/dpkg.log',
  'var/log/pacman.log',
];

/** Removes from an image what would differ from one build to the next. */
export function removeTraces(root: string): void {
  for (const path of TRACES) rmSync(inRoot(root, path), { force: true });
}

import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PATHS } from './things';

/** What would be hurt if a mount of the build host's own were written through. */
const HOST = [
  ...['/dev/null', '/dev/zero', '/dev/full', '/dev/random', '/dev/urandom', '/dev/tty'],
  ...['/etc/hostname', '/etc/hosts', '/etc/passwd', '/etc/shadow', '/etc/group', '/etc/fstab'],
];

/**
 * Lays out canaries: `file`, and `folder` with a file or a folder at every path that a build could mean below a link to
 * it, such as `hosts` and `etc/hosts` for `etc/hosts`.
 */
export function layCanaries(folder: string): void {
  mkdirSync(join(folder, 'folder'), { recursive: true });
  writeFileSync(join(folder, 'file'), content('file'), { mode: 0o640 });
  for (const path of PATHS) {
    const names = path.split('/').filter((name) => name !== '');
    for (let first = 0; first < names.length; first++) {
      const target = join(folder, 'folder', ...names.slice(first));
      if (path.endsWith('/')) {
        mkdirSync(target, { recursive: true });
        continue;
      }
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, content(path), { mode: 0o640 });
    }
  }
}

/** As much like each file that a build changes as one text can be. */
function content(path: string): string {
  return `root:x:0:0\nshadow:x:1:\nPackage: ${path}\nStatus: install ok installed\n%INSTALLDATE%\n1\n`;
}

/** What each canary is: kind, mode, owner, size, times, and content, names or target. */
export function canaries(folders: readonly string[]): Map<string, string> {
  const found = new Map<string, string>();
  for (const folder of folders) look(folder, found);
  for (const path of HOST) {
    const stat = lstatSync(path, { throwIfNoEntry: false });
    // Others use them too, and may change their times.
    if (stat !== undefined) found.set(path, [stat.mode, stat.uid, stat.gid, stat.rdev, stat.ino].join(' '));
  }
  return found;
}

function look(path: string, found: Map<string, string>): void {
  const stat = lstatSync(path);
  const { mode, uid, gid, size, ino, nlink, ctimeMs, mtimeMs } = stat;
  const names = stat.isDirectory() ? readdirSync(path).sort() : [];
  const holds = stat.isFile()
    ? createHash('sha256').update(readFileSync(path)).digest('hex')
    : stat.isSymbolicLink()
      ? readlinkSync(path)
      : names.join('/');
  found.set(path, [mode, uid, gid, size, ino, nlink, ctimeMs, mtimeMs, holds].join(' '));
  for (const name of names) look(join(path, name), found);
}

/** The canaries that are not what they were, and what is new among them. */
export function changedCanaries(before: Map<string, string>, after: Map<string, string>): string[] {
  return [...new Set([...before.keys(), ...after.keys()])].filter(
    (path) => before.get(path) !== after.get(path),
  );
}

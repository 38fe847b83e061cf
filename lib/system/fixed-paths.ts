import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { unshared } from './own-processes';

/** Every machine has this folder (Filesystem Hierarchy Standard), and no compiler reads from it. */
const PLACE = '/boot';

/** Folders of this machine by the names under which a command finds them. */
export type FixedFolders = Readonly<Record<string, string>>;

/** The path of a folder for a command in `atFixedPaths`: plain, and the same wherever the folder is. */
export function fixedPath(name: string): string {
  return join(PLACE, name);
}

/** Whether a path, without links, is hidden from a command in `atFixedPaths`. */
export function isHidden(path: string): boolean {
  return `${path}/`.startsWith(`${PLACE}/`);
}

/**
 * Gives folders plain paths that are the same wherever the folders are: there are tools that take no path with a blank
 * or a colon, and tools that keep paths in what they make. The folders stay under their own paths too, but for what lies
 * in the place of the plain ones. The command has PID and mount namespaces of its own: all it starts ends with it, and
 * with the process that starts it. Needs no root.
 *
 * @param folders exist
 * @returns a command line
 */
export function atFixedPaths(folders: FixedFolders, command: readonly string[]): string[] {
  const places = Object.entries(folders).flatMap(([name, path]) => [fixedPath(name), reachable(path)]);
  const words = [PLACE, ...places, '--', ...command];
  return unshared(['sh', '-ec', MOUNT, 'sh', ...words]);
}

/**
 * Mounts each folder on the path before it, then becomes the command. A constant script; descriptor 3 is the place as it
 * was, which leads to folders in it. Recursive, since a user's namespace may not see below what is mounted in a folder.
 */
const MOUNT = [
  'exec 3<"$1"; mount --no-mtab -t tmpfs -o mode=755 tmpfs "$1"; shift',
  'while test "$1" != --; do mkdir "$1"; mount --no-mtab --no-canonicalize --rbind "$2" "$1"; shift 2; done',
  'shift; exec "$@" 3<&-',
].join('; ');

/** The path of a folder once the place is hidden. */
function reachable(path: string): string {
  const real = realpathSync(path);
  return isHidden(real) ? join('/proc/self/fd/3', real.slice(PLACE.length)) : real;
}

/** What turns the paths in a line that the command printed into those of this machine. */
export function withRealPaths(folders: FixedFolders): (line: string) => string {
  const names = Object.keys(folders).join('|');
  // Nothing but an option such as -I may stand right before a path.
  const fixed = new RegExp(`(?<!(?<!-)[\\p{L}\\p{N}_.])${PLACE}/(${names})(?![\\p{L}\\p{N}_-]|\\.\\w)`, 'gu');
  return (line) => line.replace(fixed, (_, name) => folders[name] as string);
}

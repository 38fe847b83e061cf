import { realpathSync, statSync } from 'node:fs';
import { Dock0Error } from '../error';
import type { Sandbox } from './sandbox';

/** Folders of every machine; one of them is hidden in the sandbox meanwhile, and only root can look into it. */
const PLACES = ['/run', '/mnt', '/media', '/srv'];

/**
 * Gives folders paths without blanks, colons, quotes and the like for the time `use` takes: the notations of apt's
 * sources, pacman.conf(5) and others have no way, or each another one, to write such paths. The folders stay under their
 * own paths too. What `use` mounts below the plain paths is gone afterwards.
 *
 * @param folders a name for each folder
 */
export async function withPlainPaths<N extends string, T>(
  sandbox: Sandbox,
  folders: Record<N, string>,
  use: (plain: Record<N, string>) => Promise<T>,
): Promise<T> {
  const own = Object.values<string>(folders).map((folder) => realpathSync(folder));
  const place = PLACES.find(
    (path) =>
      statSync(path, { throwIfNoEntry: false })?.isDirectory() &&
      !own.some((each) => each.startsWith(`${path}/`)),
  );
  if (place === undefined)
    throw new Dock0Error(`none of ${PLACES.join(', ')} is a folder that can be hidden meanwhile`);
  const plain = Object.keys(folders).map((name) => [name, `${place}/${name}`] as const);
  await sandbox.mount('tmpfs', place, 'tmpfs', 'mode=700');
  try {
    for (const [name, path] of plain) {
      await sandbox.run('mkdir', ['--', path]);
      await sandbox.mount(folders[name as N], path, 'none', 'bind');
    }
    return await use(Object.fromEntries(plain) as Record<N, string>);
  } finally {
    // Lazily: what a script left running ends with the sandbox.
    await sandbox.run('umount', ['--recursive', '--lazy', '--', place]);
  }
}

import type { Sandbox } from './sandbox';

/** Hidden in the sandbox meanwhile; only root can look into it. */
const PLACE = '/run';

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
  const plain = Object.keys(folders).map((name) => [name, `${PLACE}/${name}`] as const);
  await sandbox.mount('tmpfs', PLACE, 'tmpfs', 'mode=700');
  try {
    for (const [name, path] of plain) {
      await sandbox.run('mkdir', ['--', path]);
      await sandbox.mount(folders[name as N], path, 'none', 'bind');
    }
    return await use(Object.fromEntries(plain) as Record<N, string>);
  } finally {
    // Lazily: what a script left running ends with the sandbox.
    await sandbox.run('umount', ['--recursive', '--lazy', '--', PLACE]);
  }
}

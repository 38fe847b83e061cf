import { lstat, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { removeTraces } from '../../root/traces';
import type { Sandbox } from '../../system/sandbox';

/** What pacman leaves behind with times in it. */
export const TRACES: readonly string[] = ['var/log/pacman.log'];

/** What differs from one installation to the next, or identifies the build host. */
const REMOVED = [
  'etc/pacman.d/gnupg',
  'var/lib/dbus/machine-id',
  'var/lib/pacman/sync',
  'var/lib/systemd/random-seed',
];
const EMPTIED = ['run', 'tmp', 'var/tmp', 'dev', 'var/cache/pacman/pkg'];
const HOST_KEYS = /^ssh_host_.*key(\.pub)?$/;

/**
 * Removes from a freshly installed root what would make two builds of the same packages differ: identities, locks and
 * times after `epoch` (seconds since 1970).
 */
export async function forgetInstallation(sandbox: Sandbox, root: string, epoch: number): Promise<void> {
  const inside = sandbox.path(root);
  removeTraces(inside, TRACES);
  for (const path of REMOVED) await rm(join(inside, path), { recursive: true, force: true });
  for (const folder of EMPTIED) {
    for (const name of await namesIn(join(inside, folder)))
      await rm(join(inside, folder, name), { recursive: true, force: true });
  }
  for (const name of await namesIn(join(inside, 'etc/ssh')))
    if (HOST_KEYS.test(name)) await rm(join(inside, 'etc/ssh', name));
  // Empty, not absent: systemd makes an id for the time until the next boot (machine-id(5)).
  if ((await namesIn(join(inside, 'etc'))).length > 0)
    await writeFile(join(inside, 'etc/machine-id'), '', { mode: 0o444 });
  await levelInstallDates(join(inside, 'var/lib/pacman/local'), epoch);
  const newer = [
    '-newermt',
    `@${epoch}`,
    '-exec',
    'touch',
    '--no-dereference',
    `--date=@${epoch}`,
    '--',
    '{}',
    '+',
  ];
  await sandbox.run('find', [root, '-xdev', '-depth', ...newer]);
}

/** Sets the installation dates in pacman's database to `epoch`. */
async function levelInstallDates(database: string, epoch: number): Promise<void> {
  for (const name of await namesIn(database)) {
    const file = join(database, name, 'desc');
    const text = await readFile(file, 'utf8').catch(() => undefined);
    if (text === undefined) continue;
    await writeFile(file, text.replace(/^%INSTALLDATE%\n\d+$/m, `%INSTALLDATE%\n${epoch}`));
  }
}

async function namesIn(folder: string): Promise<string[]> {
  const stat = await lstat(folder).catch(() => undefined);
  return stat?.isDirectory() ? readdir(folder) : [];
}

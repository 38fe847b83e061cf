import { readFileSync, writeFileSync } from 'node:fs';
import { fileInRoot, namesInRoot } from '../../root/path';
import { forgetMachine, removeTraces } from '../../root/traces';
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
/**
 * Removes from a freshly installed root what would make two builds of the same packages differ: identities, locks and
 * times after `epoch` (seconds since 1970).
 */
export async function forgetInstallation(sandbox: Sandbox, root: string, epoch: number): Promise<void> {
  const inside = sandbox.path(root);
  removeTraces(inside, TRACES);
  forgetMachine(inside, REMOVED, EMPTIED);
  levelInstallDates(inside, epoch);
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
function levelInstallDates(root: string, epoch: number): void {
  const database = 'var/lib/pacman/local';
  for (const name of namesInRoot(root, database)) {
    const file = fileInRoot(root, `${database}/${name}/desc`);
    if (file === undefined) continue;
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.replace(/^%INSTALLDATE%\n\d+$/m, `%INSTALLDATE%\n${epoch}`));
  }
}

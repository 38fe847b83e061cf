import { Dock0Error } from '../lib/error';
import type { CommandTask } from '../lib/session/task';

/** Makes the previous release of the disk image that `--onto` names, or the one that `--release` names, boot from now on. */
export const rollback: CommandTask = {
  description: 'Makes a disk image boot its previous release, or the one that --release names',
  flags: ['--onto', '--release'],
  run: async ({ builds, flags, log }) => {
    const [build] = builds;
    if (flags.onto === undefined || build === undefined)
      throw new Dock0Error('gulp rollback needs a disk image', { hint: 'Name it: --onto DISK.' });
    const { onDisk } = await import('../lib/install/onto');
    const words = flags.release === undefined ? [] : [flags.release];
    await onDisk(flags.onto, ['back', ...words], { ...build.context, log });
  },
};

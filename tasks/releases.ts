import { currentRelease, listReleases } from '../lib/release/folder';
import type { CommandTask } from '../lib/session/task';

/** Lists the releases of the disk image that `--onto` names, else those in the folder of each build. */
export const releases: CommandTask = {
  description: 'Lists the releases of this configuration, or those of a disk image',
  flags: ['--onto'],
  looks: true,
  run: async ({ builds, flags, log }) => {
    if (flags.onto !== undefined) {
      const { onDisk } = await import('../lib/install/onto');
      const [build] = builds;
      if (build !== undefined) await onDisk(flags.onto, ['list'], { ...build.context, log });
      return;
    }
    for (const { context } of builds)
      for (const id of listReleases(context.output))
        log(`${context.name} ${id}${id === currentRelease(context.output) ? ' current' : ''}`);
  },
};

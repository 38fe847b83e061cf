import { resolve } from 'node:path';
import { Dock0Error } from '../lib/error';
import type { Build, CommandTask } from '../lib/session/task';

/** Where changes are saved, in the working directory, unless `--kconfig FILE` says otherwise. */
const FRAGMENT = 'kernel.config';

/** Opens the kernel's menuconfig on the merged configuration and saves what was changed as a fragment. */
export const kernelMenuconfig: CommandTask = {
  description: "Edits the kernel's configuration and saves the changes as a fragment",
  flags: ['--kconfig'],
  tools: async ({ kernel }) =>
    kernel.provider === 'source' ? (await import('../lib/kernel/tools')).MENU_TOOLS : [],
  run: async ({ flags, builds, log }) => {
    const { editFragment } = await import('../lib/kernel/menuconfig');
    const { withWork } = await import('../lib/session/work');
    if (builds.length > 1) throw new Dock0Error('kernel:menuconfig edits one kernel: give one --host');
    const file = resolve(flags.kconfig ?? FRAGMENT);
    const report = await withWork(builds[0] as Build, (context) => editFragment(file, context));
    for (const line of report) log(line);
  },
};

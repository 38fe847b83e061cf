import { resolve } from 'node:path';
import { Dock0Error } from '../lib/error';
import { editFragment } from '../lib/kernel/menuconfig';
import type { Build, Session } from '../lib/session/session';
import { withWork } from '../lib/session/work';

/** Where changes are saved, in the working directory, unless `--kconfig FILE` says otherwise. */
const FRAGMENT = 'kernel.config';

/** Opens the kernel's menuconfig on the merged configuration and saves what was changed as a fragment. */
export async function kernelMenuconfig({ flags, builds, log }: Session): Promise<void> {
  if (builds.length > 1) throw new Dock0Error('kernel:menuconfig edits one kernel: state one --host');
  const file = resolve(flags.kconfig ?? FRAGMENT);
  const report = await withWork(builds[0] as Build, (context) => editFragment(file, context));
  for (const line of report) log(line);
}

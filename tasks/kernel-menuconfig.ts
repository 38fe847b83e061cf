import { relative, resolve } from 'node:path';
import { Dock0Error } from '../lib/error';
import { editConfiguration, overruled, saveFragment } from '../lib/kernel/menuconfig';
import { openWorkshop, wantedOf } from '../lib/kernel/workshop';
import type { Build, Session } from '../lib/session/session';
import { withWork } from '../lib/session/work';

/** Where changes are saved, in the working directory, unless `--kconfig FILE` says otherwise. */
const FRAGMENT = 'kernel.config';

/**
 * Opens the kernel's menuconfig on the merged configuration and saves what was changed as a fragment; what the file
 * holds already stays.
 *
 * @throws Dock0Error without a terminal, or when the kernel is not built from source
 */
export async function kernelMenuconfig({ flags, builds, log }: Session): Promise<void> {
  const build = builds[0] as Build;
  if (builds.length > 1) throw new Dock0Error('kernel:menuconfig edits one kernel: state one --host');
  const { kernel } = build.context.config;
  const { provider, fragments } = kernel;
  if (provider !== 'source') {
    throw new Dock0Error(
      `kernel.provider is "${provider}": only a kernel that is built from source can be configured`,
      {
        hint: 'State kernel.provider: source, and kernel.source.',
      },
    );
  }
  const lines = await withWork(build, async (context) =>
    editConfiguration(await openWorkshop(context), wantedOf(context), context),
  );
  if (lines.length === 0) {
    log('nothing was changed');
    return;
  }
  const path = resolve(flags.kconfig ?? FRAGMENT);
  saveFragment(path, lines);
  const listed = fragments.includes(path) ? '' : '; list it last in kernel.fragments';
  log(`${lines.length} changes saved in ${relative('.', path)}${listed}`);
  for (const line of lines) log(`  ${line}`);
  for (const line of overruled(path, lines, kernel)) log(`without effect: ${line}; change it there`);
}

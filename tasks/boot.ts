import { Dock0Error } from '../lib/error';
import type { Session } from '../lib/session/session';
import { bootRelease } from '../lib/vm/boot';
import { wantedRelease } from './install';

/**
 * Boots a release on this terminal: the current one, built first if it is out of date, or the one that `--release`
 * names. Its data disks are kept in the build's folder; what is written to the root is lost.
 *
 * @throws Dock0Error for more than one host
 */
export async function boot({ builds, flags, log }: Session): Promise<void> {
  const [build, another] = builds;
  if (build === undefined || another !== undefined) {
    throw new Dock0Error('gulp boot starts one machine, not several', {
      hint: 'Name one host: --host NAME.',
    });
  }
  const { config, output, cache, signal } = build.context;
  const release = await wantedRelease(build, flags.release);
  const { memory = config.verify.memory, ssh } = flags;
  await bootRelease({ release, config, output, cache, memory, ssh, signal, log });
}

import type { Session } from '../lib/session/session';
import { verifyRelease } from '../lib/vm/verify';
import { wantedRelease } from './install';

/**
 * Proves the release of every host in a virtual machine: the current one, built first if it is out of date, or the one
 * that `--release` names.
 *
 * @throws Dock0Error naming what failed
 */
export async function verify({ builds, flags, log }: Session): Promise<void> {
  for (const build of builds) {
    const { config, cache, signal } = build.context;
    const release = await wantedRelease(build, flags.release);
    await verifyRelease({
      release,
      config,
      memory: flags.memory ?? config.verify.memory,
      cache,
      signal,
      log,
    });
  }
}

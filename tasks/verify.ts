import type { CommandTask } from '../lib/session/task';
import { wantedRelease } from './install';

/**
 * Proves the release of every host in a virtual machine: the current one, built first if it is out of date, or the one
 * that `--release` names. Fails with what did not pass.
 */
export const verify: CommandTask = {
  description: 'Boots the release in a virtual machine and checks that it runs containers',
  flags: ['--release', '--memory', '--via'],
  tools: async (config) => (await import('../lib/vm/tools')).vmTools(config),
  run: async ({ builds, flags, log }) => {
    const { verifyRelease } = await import('../lib/vm/verify');
    const { checkVia } = await import('../lib/vm/firmware');
    for (const { context } of builds) checkVia(context.config.install, flags.via);
    for (const build of builds) {
      const { config, cache, signal } = build.context;
      const release = await wantedRelease(build, flags.release);
      const { memory = config.verify.memory } = flags;
      await verifyRelease({ release, config, via: flags.via, memory, cache, signal, log });
    }
  },
};

import { Dock0Error } from '../lib/error';
import type { CommandTask } from '../lib/session/task';
import { wantedRelease } from './install';

/**
 * Boots a release on this terminal: the current one, built first if it is out of date, or the one that `--release`
 * names. Its data disks are kept in the build's folder; what is written to the root is lost.
 */
export const boot: CommandTask = {
  description: 'Boots the release in a virtual machine, with its console on this terminal',
  flags: ['--release', '--memory', '--ssh', '--via'],
  tools: async (config) => (await import('../lib/vm/tools')).vmTools(config),
  run: async ({ builds, flags, log }) => {
    const [build, another] = builds;
    if (build === undefined || another !== undefined) {
      throw new Dock0Error('gulp boot starts one machine, not several', {
        hint: 'Name one host: --host NAME.',
      });
    }
    const { config, output, cache, signal } = build.context;
    const { memory = config.verify.memory, ssh, via } = flags;
    (await import('../lib/vm/firmware')).checkVia(config.install, via);
    if (ssh !== undefined) await (await import('../lib/vm/port')).requirePort(ssh);
    const release = await wantedRelease(build, flags.release);
    const { bootRelease } = await import('../lib/vm/boot');
    await bootRelease({ release, config, output, cache, memory, ssh, via, signal, log });
  },
};

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Dock0Error } from '../lib/error';
import type { Build, CommandTask } from '../lib/session/task';
import { kernel } from './kernel';

/**
 * Checks a kernel against what the configured image needs for SquashFS, overlayfs, control groups, namespaces, networks
 * and Docker, and shows the table: the kernel of `--kconfig FILE`, of `--kconfig running`, else the configured one. A
 * kernel from source is checked by its configuration, before it is compiled. Fails when something necessary is missing.
 */
export const kernelCheck: CommandTask = {
  description: 'Shows what a kernel has and lacks of what the image needs',
  flags: ['--kconfig'],
  run: async ({ flags: { kconfig }, builds }) => {
    const { configAt } = await import('../lib/kernel/base');
    const { showNeeds } = await import('../lib/kernel/check');
    const { imageOf } = await import('../lib/kernel/image');
    for (const build of builds) {
      const { host } = build.context;
      const own = host === undefined ? 'the configured kernel' : `the kernel of ${host}`;
      const name = kconfig === undefined ? own : kconfig === 'running' ? 'the running kernel' : kconfig;
      const text = kconfig === undefined ? await configOf(build, own) : configAt(kconfig).text;
      showNeeds(name, text, await imageOf(build.context), (table) => process.stdout.write(table));
    }
  },
};

async function configOf(build: Build, name: string): Promise<string> {
  if (build.context.config.kernel.provider === 'source') {
    const { configured } = await import('../lib/kernel/configure');
    const { withWork } = await import('../lib/session/work');
    return withWork(build, configured);
  }
  const { configAt } = await import('../lib/kernel/base');
  const file = join((await build.make(kernel)).path, 'config');
  if (existsSync(file)) return configAt(file).text;
  throw new Dock0Error(`${name} has no .config`, {
    hint: 'State kernel.config_file, or check a .config with --kconfig FILE.',
  });
}

import { join } from 'node:path';
import type { BuildStep } from '../lib/build';
import type { Build, CommandTask } from '../lib/session/task';
import { customize, host } from './customize';
import { install, wantedRelease } from './install';
import { kernel } from './kernel';
import { pacstrap } from './pacstrap';

/**
 * Shows what the configuration needs of the build host, and what is missing; with `--sizes`, what takes the place in the
 * release of it, which is built first if it is out of date.
 */
export const doctor: CommandTask = {
  description: 'Shows the host tools: version, needed by, how to install them',
  flags: ['--sizes'],
  looks: true,
  run: async (session) => {
    const { requireTools, toolReport } = await import('../lib/session/doctor');
    if (session.flags.sizes) {
      for (const build of session.builds)
        if (session.flags.dryRun) await build.preview([install]);
        else process.stdout.write(`${await sizes(build)}\n`);
      return;
    }
    const { text, missing } = await toolReport(session);
    process.stdout.write(text);
    requireTools(missing);
  },
};

async function sizes(build: Build): Promise<string> {
  const { sizesOf, sizeTable, partsOf } = await import('../lib/session/sizes');
  const { distributionOf } = await import('../lib/distributions');
  const parts = partsOf(await wantedRelease(build, undefined));
  const layer = async (step: BuildStep, folder: string): Promise<string> =>
    join((await build.make(step)).path, folder);
  const lowest = await layer(pacstrap, 'layer');
  const upper = [await layer(kernel, 'modules'), await layer(customize, 'layer'), await layer(host, 'layer')];
  const distribution = await distributionOf(build.context.config);
  return sizeTable(parts, sizesOf([lowest, ...upper], distribution));
}

import { createHash } from 'node:crypto';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { defineStep } from '../../build';
import { architecture } from '../architecture';
import { requireNeeds } from '../check';
import { imageOf } from '../image';
import { needsOf } from '../needs';
import { sourceTools } from '../tools';
import { openWorkshop, planKernel } from '../workshop';

/** Builds the kernel: from a tarball, a folder, kernel.org or a Debian source package, by fragments and patches. */
export const sourceKernel = defineStep({
  name: 'kernel',
  description: 'Builds the kernel from source',
  version: 3,

  tools: ({ config }) => sourceTools(config),

  inputs: async (context) => {
    const plan = await planKernel(context);
    const { origin, base, requests, named, patches, epoch } = plan;
    return {
      values: {
        source: origin.values,
        base:
          'target' in base
            ? context.config.kernel.base
            : createHash('sha256').update(base.text).digest('hex'),
        options: Object.fromEntries(
          [...requests]
            .map(([symbol, { value }]) => [symbol, value] as const)
            .sort(([a], [b]) => (a < b ? -1 : 1)),
        ),
        optional: [...requests]
          .filter(([, { optional }]) => optional)
          .map(([symbol]) => symbol)
          .sort(),
        epoch,
        architecture: architecture().folder,
      },
      files: [
        ...origin.files,
        ...named,
        ...patches.map(({ name, path }, index) => ({ name: `kernel.patches ${index + 1}: ${name}`, path })),
      ],
      means: { plan, needs: needsOf(await imageOf(context)) },
    };
  },

  run: async (context) => {
    const { buildKernel } = await import('../build');
    const { plan, needs } = context.means;
    const shop = await openWorkshop(plan, context);
    const built = await buildKernel(
      shop,
      // Before it is compiled, which takes minutes.
      { ...plan, accept: ({ config }) => requireNeeds(config, needs, 'this kernel') },
      context.out,
      context,
    );
    chmodSync(join(context.out, 'vmlinuz'), 0o644);
    return { ...built, epoch: shop.epoch };
  },
});

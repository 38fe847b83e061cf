import { createHash } from 'node:crypto';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import type { BuildStep } from '../../build';
import { statedEpoch } from '../../config/epoch';
import type { Json } from '../../json';
import { architecture } from '../architecture';
import { requireNeeds } from '../check';
import { needsOf } from '../needs';
import { listPatches } from '../patches';
import { originOf } from '../source/origin';
import { sourceTools } from '../tools';
import { openWorkshop, wantedOf } from '../workshop';

/** Builds the kernel: from a tarball, a folder, kernel.org or a Debian source package, by fragments and patches. */
export const sourceKernel: BuildStep = {
  name: 'kernel',
  description: 'Builds the kernel from source',
  version: 3,

  tools: ({ config }) => sourceTools(config),

  inputs: async (context) => {
    const origin = await originOf(context);
    const { base, requests } = wantedOf(context);
    const patches = listPatches(context.config.kernel.patches);
    return {
      values: {
        source: origin.values,
        base:
          'target' in base
            ? context.config.kernel.base
            : createHash('sha256').update(base.text).digest('hex'),
        options: Object.fromEntries(
          [...requests].map(([symbol, { value }]): [string, Json] => [symbol, value]),
        ),
        optional: [...requests].filter(([, { optional }]) => optional).map(([symbol]) => symbol),
        epoch: statedEpoch(context),
        architecture: architecture().folder,
      },
      files: [
        ...origin.files,
        ...patches.map(({ name, path }, index) => ({ name: `kernel.patches ${index + 1}: ${name}`, path })),
      ],
    };
  },

  run: async (context) => {
    const { buildKernel } = await import('../build');
    const shop = await openWorkshop(context);
    const wanted = wantedOf(context);
    const built = await buildKernel(
      shop,
      // Before it is compiled, which takes minutes.
      { ...wanted, accept: ({ config }) => requireNeeds(config, needsOf(context.config), 'this kernel') },
      context.out,
      context,
    );
    chmodSync(join(context.out, 'vmlinuz'), 0o644);
    return { ...built, epoch: shop.epoch };
  },
};

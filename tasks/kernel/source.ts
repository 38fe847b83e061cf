import { createHash } from 'node:crypto';
import { chmodSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Json, PlanContext, RunContext, Step } from '../../lib/engine/step';
import { architecture } from '../../lib/kernel/architecture';
import { type Base, baseOf } from '../../lib/kernel/base';
import { buildKernel } from '../../lib/kernel/build';
import { requireNeeds } from '../../lib/kernel/check';
import type { Configured } from '../../lib/kernel/configure';
import type { Workshop } from '../../lib/kernel/make';
import { listPatches } from '../../lib/kernel/patches';
import { collectRequests, type Requests } from '../../lib/kernel/requests';
import { originOf } from '../../lib/kernel/source/origin';
import { prepareTree } from '../../lib/kernel/source/tree';
import { statedEpoch } from '../pacstrap';
import { finishModules } from './modules';

/** Builds the kernel: from a tarball, a folder, kernel.org or a Debian source package, by fragments and patches. */
export const sourceKernel: Step = {
  name: 'kernel',
  description: 'Builds the kernel from source',
  version: 1,

  inputs: async (context) => {
    const origin = await originOf(context);
    const { base, requests } = wantedOf(context);
    return {
      values: {
        source: origin.values,
        base: 'target' in base ? base.target : createHash('sha256').update(base.text).digest('hex'),
        options: Object.fromEntries(
          [...requests].map(([symbol, { value }]): [string, Json] => [symbol, value]),
        ),
        optional: [...requests].filter(([, { optional }]) => optional).map(([symbol]) => symbol),
        epoch: statedEpoch(context),
        architecture: architecture().folder,
      },
      files: [
        ...origin.files,
        ...listPatches(context.config.kernel.patches).map(({ name, path }, index) => ({
          name: `kernel.patches ${index + 1}: ${name}`,
          path,
        })),
      ],
      tools: TOOLS,
    };
  },

  run: async (context) => {
    const shop = await openWorkshop(context);
    const accept = ({ config }: Configured): void => requireNeeds(config, 'this kernel');
    const built = await buildKernel(shop, { ...wantedOf(context), accept }, context.out, context);
    chmodSync(join(context.out, 'vmlinuz'), 0o644);
    if (built.modules) await finishModules(context);
    const { version, modules, buildId } = built;
    return { version, modules, config: true, build_id: buildId, epoch: shop.epoch };
  },
};

/** What the bytes of a kernel depend on besides its source. */
const TOOLS = ['gcc', 'ld', 'make', 'flex', 'bison', 'bc'];

/** Brings the source and says where its objects go: a tree for each source and compiler. */
export async function openWorkshop(context: RunContext): Promise<Workshop> {
  const { kernel } = context.config;
  const tree = await prepareTree(await originOf(context), listPatches(kernel.patches), context);
  const compiler = await context.run('gcc', ['--version']);
  const linker = await context.run('ld', ['--version']);
  const toolchain = createHash('sha256')
    .update(`${compiler.stdout}\n${linker.stdout}`)
    .digest('hex')
    .slice(0, 8);
  return {
    tree,
    objects: join(context.cache, 'kernel', 'objects', `${tree.key}-${toolchain}`),
    epoch: statedEpoch(context) ?? tree.epoch,
    launcher: kernel.make.launcher,
    jobs: kernel.make.jobs,
    cache: context.cache,
  };
}

/** The base and everything that is asked on top of it. */
export function wantedOf({ config }: Pick<PlanContext, 'config'>): { base: Base; requests: Requests } {
  const { base, fragments, options, revision } = config.kernel;
  const read = fragments.map((path) => ({ name: basename(path), text: readFileSync(path, 'utf8') }));
  return { base: baseOf(base), requests: collectRequests(read, options, revision) };
}

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { BuildContext, BuildRun, BuildStep } from '../lib/build';
import type { Config } from '../lib/config/schema';
import type { Artifact } from '../lib/engine/step';
import { withSandbox } from '../lib/system/sandbox';
import { customize, host } from './customize';
import { kernel } from './kernel';
import { pacstrap } from './pacstrap';

/** The layers of a root, the lowest first: the file's name, and the step and folder it is made of. */
const LAYERS: { name: string; part: string; step: BuildStep; folder: string }[] = [
  { name: '10-packages', part: 'packages', step: pacstrap, folder: 'layer' },
  { name: '20-modules', part: 'modules', step: kernel, folder: 'modules' },
  { name: '30-custom', part: 'custom', step: customize, folder: 'layer' },
  { name: '40-host', part: 'host', step: host, folder: 'layer' },
];

const DESCRIPTION = 'Packs the layers of the root into squashfs files';

/**
 * The squashfs steps of a configuration by part: one a layer, so that only the layer that changed is packed again, or
 * one for the whole root. A layer keeps whiteouts, extended attributes, capabilities, hard links, device nodes and
 * holes.
 */
export function squash({ config }: Pick<BuildContext, 'config'>): Record<string, BuildStep> {
  if (config.squash.layout === 'single') return { single: SINGLE };
  return Object.fromEntries(LAYERS.map((layer, index) => [layer.part, PARTS[index] as BuildStep]));
}

/** The squashfs files among a step's needs: file name (`10-packages.squashfs`) and artifact, in stacking order. */
export function squashFiles(needs: Record<string, Artifact>): { name: string; artifact: Artifact }[] {
  return Object.values(needs)
    .filter(({ meta }) => meta.file !== undefined)
    .map((artifact) => ({ name: String(artifact.meta.file), artifact }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The packages whose removal is in an artifact. */
export function removedIn({ meta }: Artifact): string[] {
  return (meta.removed ?? []) as string[];
}

const PARTS = LAYERS.map(
  ({ name, part, step, folder }): BuildStep<'from'> => ({
    name: `squash:${part}`,
    description: DESCRIPTION,
    version: 2,
    root: 'keeps owners and device nodes',
    needs: () => ({ from: step as BuildStep }),
    inputs: ({ config }) => ({ values: { squash: settings(config) }, tools: ['mksquashfs'] }),
    run: async (context) => {
      const source = join(context.needs.from.path, folder);
      // A kernel without modules has no such layer.
      if (!existsSync(source)) return {};
      const { from } = context.needs;
      const packed = await pack(source, `${name}.squashfs`, Number(from.meta.epoch), context, context.run);
      return { ...packed, removed: removedIn(from) };
    },
  }),
);

const SINGLE: BuildStep<'packages' | 'modules' | 'custom' | 'host'> = {
  name: 'squash:single',
  description: DESCRIPTION,
  version: 2,
  root: 'mounts the stacked layers',
  needs: () => ({ packages: pacstrap, modules: kernel, custom: customize, host }),
  inputs: ({ config }) => ({ values: { squash: settings(config) }, tools: ['mksquashfs'] }),
  run: (context) =>
    withSandbox(context.run, async (sandbox) => {
      const { needs, tmp } = context;
      const folders = LAYERS.map(({ part, folder }) => join(needs[part as keyof typeof needs].path, folder));
      const lower = folders.filter((folder) => existsSync(folder)).reverse();
      await sandbox.mount('overlay', tmp, 'overlay', `ro,lowerdir=${lower.join(':')}`);
      const packed = await pack(
        tmp,
        '10-root.squashfs',
        Number(needs.packages.meta.epoch),
        context,
        sandbox.run,
      );
      return { ...packed, removed: [needs.custom, needs.host].flatMap(removedIn) };
    }),
};

async function pack(
  source: string,
  file: string,
  epoch: number,
  { config, out, log }: BuildRun<string>,
  run: BuildRun['run'],
): Promise<{ file: string; epoch: number }> {
  log(`packing ${file} (${config.squash.compression})`);
  const { compression, level, block } = config.squash;
  const flags = [
    '-noappend',
    '-no-progress',
    '-quiet',
    '-b',
    block,
    '-comp',
    compression,
    ...levelFlags(compression, level),
  ];
  // The time of the file system, and the latest a file in it may have (mksquashfs(1)).
  await run('mksquashfs', [source, join(out, file), ...flags], { env: { SOURCE_DATE_EPOCH: String(epoch) } });
  return { file, epoch };
}

function levelFlags(compression: string, level: number): string[] {
  if (compression === 'xz') return [];
  if (compression === 'lz4') return level > 1 ? ['-Xhc'] : [];
  const most = compression === 'zstd' ? 22 : 9;
  return ['-Xcompression-level', String(Math.min(level, most))];
}

function settings({ squash: { compression, level, block } }: Config): {
  compression: string;
  level: number;
  block: string;
} {
  return { compression, level, block };
}

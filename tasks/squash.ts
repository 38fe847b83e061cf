import { join } from 'node:path';
import { type BuildContext, type BuildStep, defineStep } from '../lib/build';
import { packInputs, packTools } from '../lib/release/pack-inputs';
import { customize, host } from './customize';
import { images, imagesOf } from './images';
import { kernel } from './kernel';
import { pacstrap } from './pacstrap';

/** The layers of a root, the lowest first: the squashfs file's name, and the step and folder it is made of. */
const LAYERS: { name: string; part: Part; step: BuildStep; folder: string }[] = [
  { name: '10-packages', part: 'packages', step: pacstrap, folder: 'layer' },
  { name: '15-images', part: 'images', step: images, folder: 'layer' },
  { name: '20-modules', part: 'modules', step: kernel, folder: 'modules' },
  { name: '30-custom', part: 'custom', step: customize, folder: 'layer' },
  { name: '40-host', part: 'host', step: host, folder: 'layer' },
];
const SINGLE_LAYER = '10-root';

type Part = 'packages' | 'images' | 'modules' | 'custom' | 'host';

const DESCRIPTION = 'Packs the layers of the root into squashfs files';

/**
 * The squashfs steps of a configuration by part: one a layer, so that only the layer that changed is packed again, or
 * one for the whole root.
 */
export function squash({ config }: Pick<BuildContext, 'config'>): Record<string, BuildStep> {
  const has = imagesOf({ config }).length > 0;
  if (config.squash.layout === 'single') return { single: has ? SINGLE_WITH_IMAGES : SINGLE };
  const { images: part, ...others } = PARTS;
  return has && part !== undefined ? { ...others, images: part } : others;
}

const PARTS: Record<string, BuildStep> = Object.fromEntries(
  LAYERS.map(({ name, part, step, folder }) => [
    part,
    defineStep({
      name: `squash:${part}`,
      description: DESCRIPTION,
      version: 2,
      root: 'keeps owners and device nodes',
      needs: () => ({ from: step }),
      tools: packTools,
      inputs: packInputs,
      run: async (context) => (await import('../lib/release/layers')).packLayer(context, name, folder),
    }),
  ]),
);

/** All layers in one, with or without images. */
function single(parts: readonly Part[]): BuildStep {
  const layers = LAYERS.filter(({ part }) => parts.includes(part));
  return defineStep({
    name: 'squash:single',
    description: DESCRIPTION,
    version: 2,
    root: 'mounts the stacked layers',
    needs: () => Object.fromEntries(layers.map(({ part, step }) => [part, step])) as Record<Part, BuildStep>,
    tools: packTools,
    inputs: packInputs,
    run: async (context) => {
      const { packStack } = await import('../lib/release/layers');
      const { needs } = context;
      const folders = layers.map(({ part, folder }) => join(needs[part].path, folder));
      return packStack(context, SINGLE_LAYER, folders, Number(needs.packages.meta.epoch));
    },
  });
}

const SINGLE = single(['packages', 'modules', 'custom', 'host']);
const SINGLE_WITH_IMAGES = single(['packages', 'images', 'modules', 'custom', 'host']);

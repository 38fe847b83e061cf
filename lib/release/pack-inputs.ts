import type { BuildContext } from '../build';
import type { Tool } from '../engine/step';

/** What packs a layer. */
export const PACK_TOOLS: readonly Tool[] = [{ name: 'mksquashfs', versioned: true }];

/** What the packing of every layer depends on. */
export function packInputs({ config: { squash } }: Pick<BuildContext, 'config'>) {
  const { compression, level, block } = squash;
  return { values: { squash: { compression, level, block } } };
}

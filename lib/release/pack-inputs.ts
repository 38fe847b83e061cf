import type { BuildContext } from '../build';
import type { Config } from '../config/schema';
import type { Tool } from '../engine/step';
import { libraryOf } from '../system/library';

/** What packs a layer. */
export const PACK_TOOLS: readonly Tool[] = [{ name: 'mksquashfs', versioned: true }];

const LIBRARIES: Record<Config['squash']['compression'], string> = {
  zstd: 'libzstd',
  xz: 'liblzma',
  gzip: 'libz',
  lz4: 'liblz4',
  lzo: 'liblzo2',
};

const found = new Map<string, Promise<string | undefined>>();

/** What the packing of every layer depends on; another version of the library may pack the same bytes differently. */
export async function packInputs({ config: { squash } }: Pick<BuildContext, 'config'>) {
  const { compression, level, block } = squash;
  const name = LIBRARIES[compression];
  const library = found.get(name) ?? libraryOf('mksquashfs', name);
  found.set(name, library);
  return { values: { squash: { compression, level, block }, library: (await library) ?? 'built in' } };
}

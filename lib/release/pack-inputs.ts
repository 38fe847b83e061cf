import type { BuildContext } from '../build';
import type { Config } from '../config/schema';
import type { Tool } from '../engine/step';

type Packed = Pick<BuildContext, 'config'>;

const LIBRARIES: Record<Config['squash']['compression'], string> = {
  zstd: 'libzstd',
  xz: 'liblzma',
  gzip: 'libz',
  lz4: 'liblz4',
  lzo: 'liblzo2',
};

/** What packs a layer; another version of the library may pack the same bytes differently. */
export function packTools({ config: { squash } }: Packed): readonly Tool[] {
  return [{ name: 'mksquashfs', versioned: true, library: LIBRARIES[squash.compression] }];
}

/** What the packing of every layer depends on. */
export function packInputs({ config: { squash } }: Packed) {
  const { compression, level, block } = squash;
  return { values: { squash: { compression, level, block } } };
}

import { chmodSync, existsSync, mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BuildStep } from '../lib/build';
import { parseSize } from '../lib/config/size';
import type { Artifact } from '../lib/engine/step';

const MKFS: Record<string, { tool: string; flags: string[] }> = {
  ext4: { tool: 'mkfs.ext4', flags: ['-q', '-F', '-m', '0', '-U', '00000000-0000-0000-0000-000000000000'] },
  xfs: { tool: 'mkfs.xfs', flags: ['-q', '-f'] },
  btrfs: { tool: 'mkfs.btrfs', flags: ['-q', '-f'] },
};

/**
 * Prepares what the root's layers are made in. Backend `overlay`: nothing but folders, stacked. Backend `image`, as
 * dock0 had it: a file of `fs.size`, formatted as `fs.type` (`root.img`), in which each layer is then made; its size
 * bounds what a build may write. Both give the same layers.
 */
export const rootfs: BuildStep = {
  name: 'rootfs',
  description: 'Prepares the root that the layers are made in',
  version: 1,

  inputs: ({ config: { fs } }) => {
    if (fs.backend === 'overlay') return { values: { backend: 'overlay' } };
    return { values: { backend: 'image', size: fs.size, type: fs.type }, tools: [mkfsOf(fs.type).tool] };
  },

  run: async ({ config: { fs }, out, run, log }) => {
    if (fs.backend === 'overlay') {
      mkdirSync(join(out, 'base'));
      chmodSync(join(out, 'base'), 0o755);
      return { backend: 'overlay' };
    }
    const image = join(out, IMAGE);
    const { tool, flags } = mkfsOf(fs.type);
    writeFileSync(image, '');
    truncateSync(image, parseSize(fs.size));
    log(`formatting an image of ${fs.size} as ${fs.type}`);
    await run(tool, [...flags, image]);
    return { backend: 'image' };
  },
};

const IMAGE = 'root.img';

/** The image that layers are made in; undefined with the `overlay` backend. */
export function baseImage(rootfsArtifact: Artifact): string | undefined {
  const image = join(rootfsArtifact.path, IMAGE);
  return existsSync(image) ? image : undefined;
}

function mkfsOf(type: string): { tool: string; flags: string[] } {
  return MKFS[type] as { tool: string; flags: string[] };
}

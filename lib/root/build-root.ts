import { existsSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BuildContext, BuildRun, InputsOf } from '../build';
import type { Config } from '../config/schema';
import { parseSize } from '../config/size';
import type { Artifact, Meta, Tool } from '../engine/step';

/** How each file system is made; the same bytes every time where mkfs allows it. */
const MKFS: Record<Config['fs']['type'], { tool: string; flags: string[] }> = {
  ext4: { tool: 'mkfs.ext4', flags: ['-q', '-F', '-m', '0', '-U', '00000000-0000-0000-0000-000000000000'] },
  xfs: { tool: 'mkfs.xfs', flags: ['-q', '-f'] },
  btrfs: { tool: 'mkfs.btrfs', flags: ['-q', '-f'] },
};

const IMAGE = 'root.img';

/** The size and type of the build root count only where it is an image. */
export function buildRootInputs({ config: { fs } }: Pick<BuildContext, 'config'>) {
  const { backend, size, type } = fs;
  return { values: backend === 'overlay' ? { backend } : { backend, size, type } };
}

/** An image is formatted, folders need nothing. */
export function buildRootTools({ config: { fs } }: Pick<BuildContext, 'config'>): Tool[] {
  return fs.backend === 'image' ? [{ name: MKFS[fs.type].tool, versioned: true }] : [];
}

/** Makes nothing where folders are stacked, else a formatted image `root.img` of `fs.size`. */
export async function makeBuildRoot({
  values,
  out,
  run,
  log,
}: BuildRun<string, InputsOf<typeof buildRootInputs>>): Promise<Meta> {
  if (values.backend === 'overlay') return { backend: 'overlay' };
  const image = join(out, IMAGE);
  const { tool, flags } = MKFS[values.type];
  writeFileSync(image, '');
  truncateSync(image, parseSize(values.size));
  log(`formatting an image of ${values.size} as ${values.type}`);
  await run(tool, [...flags, image]);
  return { backend: 'image' };
}

/** The image that layers are made in; undefined with the backend `overlay`. */
export function baseImage(rootfs: Artifact): string | undefined {
  const image = join(rootfs.path, IMAGE);
  return existsSync(image) ? image : undefined;
}

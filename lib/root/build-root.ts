import { existsSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BuildContext, BuildRun, InputsOf } from '../build';
import type { Config } from '../config/schema';
import { parseSize } from '../config/size';
import type { Artifact, Meta, Tool } from '../engine/step';
import { IMAGE_NAME } from '../system/layer';

/** How each file system is made; the same bytes every time where mkfs allows it. */
const MKFS: Record<Config['fs']['type'], { tool: string; flags: string[] }> = {
  ext4: { tool: 'mkfs.ext4', flags: ['-q', '-F', '-m', '0', '-U', '00000000-0000-0000-0000-000000000000'] },
  xfs: { tool: 'mkfs.xfs', flags: ['-q', '-f'] },
  btrfs: { tool: 'mkfs.btrfs', flags: ['-q', '-f'] },
};

const ARCHIVE = 'root.tar';

/** The size and type of the build root count only where it is an image. */
export function buildRootInputs({ config: { fs } }: Pick<BuildContext, 'config'>) {
  const { backend, size, type } = fs;
  return { values: backend === 'overlay' ? { backend } : { backend, size, type } };
}

/** An image is formatted, folders need nothing. */
export function buildRootTools({ config: { fs } }: Pick<BuildContext, 'config'>): Tool[] {
  return fs.backend === 'image' ? [{ name: MKFS[fs.type].tool, versioned: true }] : [];
}

/**
 * Makes nothing where folders are stacked, else an archive with a formatted image of `fs.size`. An archive leaves out holes (GNU
 * tar, "Sparse Formats"): the cache would read gigabytes of zeros of the image itself.
 */
export async function makeBuildRoot({
  values,
  out,
  tmp,
  run,
  log,
}: BuildRun<string, InputsOf<typeof buildRootInputs>>): Promise<Meta> {
  if (values.backend === 'overlay') return { backend: 'overlay' };
  const image = join(tmp, IMAGE_NAME);
  const { tool, flags } = MKFS[values.type];
  writeFileSync(image, '');
  truncateSync(image, parseSize(values.size));
  log(`formatting an image of ${values.size} as ${values.type}`);
  await run(tool, [...flags, image]);
  const same = ['--format=gnu', '--mtime=@0', '--owner=0', '--group=0', '--numeric-owner', '--mode=0600'];
  const archive = join(out, ARCHIVE);
  await run('tar', [
    '--create',
    '--sparse',
    ...same,
    '--force-local',
    '--file',
    archive,
    '--directory',
    tmp,
    IMAGE_NAME,
  ]);
  return { backend: 'image' };
}

/** The archive of the image that layers are made in; undefined with the backend `overlay`. */
export function baseImage(rootfs: Artifact): string | undefined {
  const archive = join(rootfs.path, ARCHIVE);
  return existsSync(archive) ? archive : undefined;
}

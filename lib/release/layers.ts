import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { BuildRun, InputsOf } from '../build';
import type { Artifact, Meta } from '../engine/step';
import { escaped } from '../system/layer';
import { withSandbox } from '../system/sandbox';
import { writeSquashfs } from '../system/squashfs';
import type { packInputs } from './pack-inputs';

/** A squashfs file of a release, and the artifact that holds it. */
export interface LayerFile {
  /** `10-packages.squashfs`; layers are stacked in the order of their names. */
  name: string;
  artifact: Artifact;
}

type PackRun<N extends string> = BuildRun<N, InputsOf<typeof packInputs>>;

/**
 * Packs one layer.
 *
 * @param name the file's name without `.squashfs`
 * @param folder the layer's folder in the artifact `from`; no file is made without one (a kernel without modules)
 * @returns the facts {file, epoch, removed}
 */
export async function packLayer(context: PackRun<'from'>, name: string, folder: string): Promise<Meta> {
  const { from } = context.needs;
  const source = join(from.path, folder);
  if (!existsSync(source)) return {};
  return pack(context, name, source, Number(from.meta.epoch), removedIn(from), context.run);
}

/**
 * Packs several layers as one: stacked, so that whiteouts have taken effect.
 *
 * @param folders the layers' folders, the lowest first; those that do not exist are left out
 * @returns the facts {file, epoch, removed}
 */
export function packStack(
  context: PackRun<string>,
  name: string,
  folders: readonly string[],
  epoch: number,
): Promise<Meta> {
  const { run, tmp, needs } = context;
  const lower = folders.filter((folder) => existsSync(folder)).reverse();
  return withSandbox(run, async (sandbox) => {
    await sandbox.mount('overlay', tmp, 'overlay', `ro,lowerdir=${lower.map(escaped).join(':')}`);
    return pack(context, name, tmp, epoch, Object.values(needs).flatMap(removedIn), sandbox.run);
  });
}

/** The squashfs files among a step's needs, in stacking order. */
export function layerFiles(needs: Record<string, Artifact>): LayerFile[] {
  return Object.values(needs)
    .filter(({ meta }) => meta.file !== undefined)
    .map((artifact) => ({ name: String(artifact.meta.file), artifact }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The names of the packages that an artifact's layers remove. */
export function removedIn({ meta }: Artifact): string[] {
  return (meta.removed ?? []) as string[];
}

async function pack(
  { values: { squash }, out, log }: PackRun<string>,
  name: string,
  source: string,
  epoch: number,
  removed: string[],
  run: BuildRun['run'],
): Promise<Meta> {
  const file = `${name}.squashfs`;
  const { compression, level, block } = squash;
  log(`packing ${file} (${compression})`);
  await writeSquashfs({ source, file: join(out, file), compression, level, block, epoch }, run);
  return { file, epoch, removed };
}

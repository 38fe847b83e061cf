import { join } from 'node:path';
import type { BuildContext, BuildRun } from '../build';
import type { Config } from '../config/schema';
import type { Meta, StepInputs } from '../engine/step';
import { withLayer } from '../system/layer';
import { applyCustomization, type Customization, type PackageTools } from './apply';
import { baseImage } from './build-root';
import { customizationInputs, settingsOf } from './inputs';
import { neededUnits, setRootPassword, sshKeys, systemFiles } from './system-files';
import type { Placed } from './tree';

/** What all hosts share of the configuration of the root. */
export function customizeInputs({ base, view }: Pick<BuildContext, 'base' | 'view'>): StepInputs {
  const { values, files } = customizationInputs(base, base, view);
  return { values: { ...settingsOf(base), ...values }, files };
}

/** Makes the layer of what all hosts share. */
export function customizeRoot(context: BuildRun<'rootfs' | 'pacstrap'>, tools: PackageTools): Promise<Meta> {
  const { base, view } = context;
  const seen = view.of(base);
  const below = [join(context.needs.pacstrap.path, 'layer')];
  return makeLayer(context, tools, below, seen, base.commands.network, async (root) => {
    const files = [...systemFiles(base, root), ...sshKeys(base.root.ssh_keys)];
    setRootPassword(root, base.root.password);
    const enable = [...neededUnits(base, root, files), ...base.units.enable];
    return { files, what: { ...base, units: { ...base.units, enable } } };
  });
}

/**
 * Applies a customization to the root and keeps the difference as the layer `layer/`.
 *
 * @param below the folders of the layers below, the lowest first
 * @param config the configuration that templates and scripts see
 * @param network whether scripts and commands reach the network
 * @param prepare makes the first changes to the open root, and says what else is to be done to it
 * @returns the facts {epoch, removed}: the image's time, and the names of the packages that were removed
 */
export async function makeLayer(
  { needs, out, tmp, run, log }: BuildRun<'rootfs' | 'pacstrap'>,
  tools: PackageTools,
  below: string[],
  config: Config,
  network: boolean,
  prepare: (root: string) => Promise<{ what: Customization; files: Placed[] }>,
): Promise<Meta> {
  const epoch = Number(needs.pacstrap.meta.epoch);
  const spec = { below, layer: join(out, 'layer'), tmp, image: baseImage(needs.rootfs), network, epoch };
  const { removed } = await withLayer(spec, run, log, async (open) => {
    const { what, files } = await prepare(open.path('/'));
    return applyCustomization(what, files, { open, config, network, epoch, tmp, log, ...tools });
  });
  return { epoch, removed };
}

import { join } from 'node:path';
import type { BuildRun, InputsOf } from '../build';
import { isGenerated } from '../config/locale';
import type { Config } from '../config/schema';
import type { Artifact, Meta } from '../engine/step';
import { withLayer } from '../system/layer';
import { applyCustomization, type Customization, type PackageTools } from './apply';
import { baseImage } from './build-root';
import type { Places } from './existing';
import { customizationFrom, type customizeInputs, programsFrom } from './inputs';
import { neededUnits, setRootPassword, sshKeys, systemFiles } from './system-files';
import type { Placed } from './tree';
import { makeUsers, placeOfUser } from './users';

/** What is to be done to an open root. */
interface Prepared {
  what: Customization;
  files: Placed[];
  /** The locale to generate, if one is needed. */
  locale: string | undefined;
}

/** Makes the layer of what all hosts share. */
export async function customizeRoot(
  context: BuildRun<'rootfs' | 'pacstrap', InputsOf<typeof customizeInputs>>,
  toolsOf: (distribution: string) => Promise<PackageTools>,
): Promise<Meta> {
  const { settings, distribution, commands, config } = context.values;
  const below = [join(context.needs.pacstrap.path, 'layer')];
  const tools = await toolsOf(distribution);
  return makeLayer(context, tools, below, config, commands.network, async (root) => {
    const files = [
      ...systemFiles(settings, root, packagesOf(context.needs.pacstrap), programsFrom(context.files)),
      ...sshKeys(settings.root.ssh_keys),
    ];
    setRootPassword(root, settings.root.password);
    makeUsers(root, settings.users, placeOfUser(context.means.places));
    const what = customizationFrom(context.values, context.files);
    const enable = [...what.units.enable, ...neededUnits(settings, root, files)];
    const locale = isGenerated(settings) ? settings.locale : undefined;
    return { files, what: { ...what, units: { ...what.units, enable } }, locale };
  });
}

/** The packages that a root was made of. */
export function packagesOf({ meta }: Artifact): { name: string; version: string }[] {
  return meta.packages as { name: string; version: string }[];
}

/**
 * Applies a customization to the root and keeps the difference as the layer `layer/`.
 *
 * @param below the folders of the layers below, the lowest first
 * @param config the configuration that templates and scripts see; undefined where there are none
 * @param network whether scripts and commands reach the network
 * @param prepare makes the first changes to the open root, and says what else is to be done to it
 * @returns the facts {epoch, removed}: the image's time, and the names of the packages that were removed
 */
export async function makeLayer(
  {
    needs,
    out,
    tmp,
    run,
    log,
    means: { places },
  }: BuildRun<'rootfs' | 'pacstrap', { means: { places: Places } }>,
  tools: PackageTools,
  below: string[],
  config: Config | undefined,
  network: boolean,
  prepare: (root: string) => Promise<Prepared>,
): Promise<Meta> {
  const epoch = Number(needs.pacstrap.meta.epoch);
  const spec = { below, layer: join(out, 'layer'), tmp, image: baseImage(needs.rootfs), network, epoch };
  const { removed } = await withLayer(spec, run, log, async (open) => {
    const { what, files, locale } = await prepare(open.path('/'));
    return applyCustomization(what, files, {
      open,
      config,
      network,
      locale,
      places,
      epoch,
      tmp,
      log,
      run,
      ...tools,
    });
  });
  return { epoch, removed };
}

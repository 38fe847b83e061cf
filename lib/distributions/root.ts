import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import type { BuildContext, BuildRun, InputsOf } from '../build';
import { statedEpoch } from '../config/epoch';
import type { Meta, Tool } from '../engine/step';
import type { Json } from '../json';
import type { PackageTools } from '../root/apply';
import { withLayer } from '../system/layer';
import { distributionOf } from '.';
import { fetchLocked, lockedOr, type PackageSet } from './lock/locked';
import type { ResolvedPackage } from './package';
import type { PackageSource } from './provider';
import { removePackages } from './removal';

/** The packages of the root. */
export async function rootPackages(context: BuildContext): Promise<PackageSet> {
  const { wanted, resolve } = await distributionOf(context.config);
  return {
    use: 'root',
    wanted: [...context.config.packages, ...wanted(context)],
    resolve: (keep) => resolve(context, keep),
  };
}

/** What installs the packages. */
export async function rootTools({ config }: Pick<BuildContext, 'config'>): Promise<readonly Tool[]> {
  return (await distributionOf(config)).tools;
}

/** What the layer of packages depends on. */
export async function rootInputs(context: BuildContext) {
  const { name, version, settings } = await distributionOf(context.config);
  const packages = await lockedOr(await rootPackages(context), context);
  return {
    values: {
      distribution: name,
      provider: version,
      settings: settings(context),
      epoch: statedEpoch(context),
      packages: Object.fromEntries(packages.map((each) => [each.name, identity(each)])),
    },
    means: { packages, source: sourceOf(context) },
  };
}

/** Where the packages of a configuration come from. */
export function sourceOf({ config, base }: Pick<BuildContext, 'config' | 'base'>): PackageSource {
  const { name, distribution, release, mirror, lock, pacman } = config;
  return { config: { name, distribution, release, mirror, lock, pacman }, base: { name: base.name } };
}

/**
 * Installs the packages of the root in one transaction; what they add is the layer `layer/` of the artifact.
 *
 * @param image the file system that the layer is made in; undefined where folders are stacked
 * @returns the image's "now" in seconds since the epoch, and the packages
 */
export async function installRoot(
  context: BuildRun<string, InputsOf<typeof rootInputs>>,
  image: string | undefined,
): Promise<Meta> {
  const { values, means } = context;
  const { packages, source } = means;
  const { settings } = values;
  const distribution = await distributionOf({ distribution: values.distribution });
  const at = { ...context, ...source };
  const newest = await fetchLocked(source, () => distribution.download(packages, at));
  const epoch = values.epoch ?? newest;
  const layer = join(context.out, 'layer');
  context.log(`installing ${packages.length} packages`);
  await withLayer(
    { below: [], layer, tmp: context.tmp, image, epoch },
    context.run,
    context.log,
    ({ sandbox, root }) => distribution.install(packages, root, sandbox, { ...at, epoch, settings }),
  );
  chmodSync(layer, 0o755);
  return { epoch, packages: packages.map(({ name, version, arch }) => ({ name, version, arch })) };
}

/** What a customization needs of a distribution. */
export async function packageTools(name: string): Promise<PackageTools> {
  const distribution = await distributionOf({ distribution: name });
  return {
    removePackages: (packages, open) => removePackages(distribution, packages, open),
    traces: distribution.traces,
  };
}

function identity({ version, arch, sha256 }: ResolvedPackage): Json {
  return `${version} ${arch} ${sha256.slice(0, 16)}`;
}

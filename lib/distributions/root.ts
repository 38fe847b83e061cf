import type { BuildContext } from '../build';
import { statedEpoch } from '../config/epoch';
import type { Tool } from '../engine/step';
import type { Json } from '../json';
import { distributionOf } from '.';
import { lockedOr, type PackageSet } from './lock/locked';
import type { ResolvedPackage } from './package';
import type { PackageSource } from './provider';

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
  const { name, distribution, release, mirror, backports, lock, pacman } = config;
  return {
    config: { name, distribution, release, mirror, backports, lock, pacman },
    base: { name: base.name },
  };
}

function identity({ version, arch, sha256 }: ResolvedPackage): Json {
  return `${version} ${arch} ${sha256.slice(0, 16)}`;
}

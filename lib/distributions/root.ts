import type { BuildContext } from '../build';
import { statedEpoch } from '../config/epoch';
import type { Tool } from '../engine/step';
import type { Json } from '../json';
import { distributionOf } from '.';
import { lockedOr, type PackageSet } from './lock/locked';
import { checkNeeds, withSettings } from './needs';
import type { ResolvedPackage } from './package';
import type { PackageSource } from './provider';
import { located } from './refused';

/** The packages of the root. */
export async function rootPackages(context: BuildContext): Promise<PackageSet> {
  const { wanted, resolve, roles } = await distributionOf(context.config);
  const whole = withSettings(context, roles);
  const { packages } = whole.config;
  return {
    use: 'root',
    wanted: [...packages, ...wanted(whole)],
    resolve: (keep) =>
      located(
        (name) => {
          const at = context.config.packages.indexOf(name);
          return at === -1 ? undefined : context.placeOf(['packages', String(at)]);
        },
        () => resolve(whole, keep),
      ),
  };
}

/** What installs the packages. */
export async function rootTools({ config }: Pick<BuildContext, 'config'>): Promise<readonly Tool[]> {
  return (await distributionOf(config)).tools;
}

/** What the layer of packages depends on. */
export async function rootInputs(context: BuildContext) {
  const { name, version, settings, roles } = await distributionOf(context.config);
  const packages = await lockedOr(await rootPackages(context), context);
  checkNeeds(packages, roles, context);
  return {
    values: {
      distribution: name,
      provider: version,
      settings: settings(withSettings(context, roles)),
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

function identity({ version, arch, sha256 }: ResolvedPackage): Json {
  return `${version} ${arch} ${sha256.slice(0, 16)}`;
}

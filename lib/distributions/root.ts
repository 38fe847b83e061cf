import type { BuildContext } from '../build';
import { statedEpoch } from '../config/epoch';
import type { Tool } from '../engine/step';
import type { Json } from '../json';
import { checkDocker } from '../root/docker';
import { distributionOf } from '.';
import { lockedOr, type PackageSet } from './lock/locked';
import { checkNeeds, neededBy } from './needs';
import type { ResolvedPackage } from './package';
import type { Distribution, KernelDemands, PackageSource } from './provider';
import { located } from './refused';

/** The packages of the root: those that are named, and those that it takes for what the image is to do. */
export async function rootPackages(context: BuildContext, kernel: KernelDemands): Promise<PackageSet> {
  const distribution = await distributionOf(context.config);
  const { packages } = context.config;
  const needed = namesOf(distribution, context, kernel);
  return {
    use: 'root',
    wanted: [...packages, ...distribution.wanted(context), ...needed],
    resolve: (keep) =>
      located(
        (name) => {
          const at = packages.indexOf(name);
          return at === -1 ? undefined : context.placeOf(['packages', String(at)]);
        },
        () => distribution.resolve(context, needed, keep),
      ),
  };
}

/** What installs the packages. */
export async function rootTools({ config }: Pick<BuildContext, 'config'>): Promise<readonly Tool[]> {
  return (await distributionOf(config)).tools;
}

/**
 * What the layer of packages depends on.
 *
 * @throws Dock0Error when the packages have no use for what the configuration says, or lack what it needs
 */
export async function rootInputs(context: BuildContext, kernel: KernelDemands) {
  const distribution = await distributionOf(context.config);
  const { name, version, settings, packagesFor } = distribution;
  const packages = await lockedOr(await rootPackages(context, kernel), context);
  checkNeeds(packages, packagesFor, kernel, context);
  checkDocker(context.config.docker, packages);
  return {
    values: {
      distribution: name,
      provider: version,
      settings: settings(context, namesOf(distribution, context, kernel)),
      epoch: statedEpoch(context),
      packages: Object.fromEntries(packages.map((each) => [each.name, identity(each)])),
    },
    means: { packages, source: sourceOf(context) },
    notes: added(context.config, distribution, kernel, packages),
  };
}

function namesOf(distribution: Distribution, { config }: BuildContext, kernel: KernelDemands): string[] {
  return neededBy(distribution, config, kernel).map(({ packages }) => packages);
}

/** What was taken besides the packages that are named, and what for. */
function added(
  config: BuildContext['config'],
  distribution: Distribution,
  kernel: KernelDemands,
  packages: readonly ResolvedPackage[],
): string[] {
  const found = new Map(packages.map(({ name, version }) => [name, `${name} ${version}`]));
  const said = (names: readonly string[]): string[] => names.flatMap((name) => found.get(name) ?? []);
  const { companions = {} } = distribution;
  const needed = neededBy(distribution, config, kernel).map(({ packages: names, use }) => ({
    names: names.split('|'),
    use,
  }));
  const requested = [...config.packages, ...needed.flatMap(({ names }) => names)];
  return [
    ...needed.map(({ names, use }) => `takes ${said(names)[0] ?? names[0]} (${use})`),
    ...Object.entries(companions)
      .filter(([name]) => requested.includes(name) && found.has(name))
      .map(([name, names]) => ({ name, with: said(names.filter((each) => !requested.includes(each))) }))
      .filter((each) => each.with.length > 0)
      .map((each) => `takes ${each.with.join(', ')} (${each.name} is of no use without)`),
  ];
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

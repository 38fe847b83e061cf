import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import type { BuildContext, BuildStep } from '../lib/build';
import { statedEpoch } from '../lib/config/epoch';
import { debian } from '../lib/distributions/debian/provider';
import { fetchLocked, lockedOr, type PackageRequest } from '../lib/distributions/lock/locked';
import type { ResolvedPackage } from '../lib/distributions/package';
import type { PackageProvider } from '../lib/distributions/provider';
import type { Json } from '../lib/json';
import { baseImage } from '../lib/root/build-root';
import { distributionOf } from '../lib/system/host';
import { withLayer } from '../lib/system/layer';
import { rootfs } from './rootfs';

/** Installs all packages in one transaction and keeps what they add to the root as the layer `layer/`. */
export const pacstrap: BuildStep<'rootfs'> = {
  name: 'pacstrap',
  description: 'Installs the packages into the root',
  version: 2,
  root: 'installs packages with their owners and runs their scripts in a chroot',
  needs: () => ({ rootfs }),

  inputs: async (context) => {
    const provider = await providerOf(context);
    const packages = await packagesOf(context);
    return {
      values: {
        distribution: provider.distribution,
        provider: provider.version,
        settings: provider.settings(context),
        epoch: statedEpoch(context),
        packages: Object.fromEntries(packages.map((each) => [each.name, identity(each)])),
      },
      tools: provider.tools,
    };
  },

  run: async (context) => {
    const provider = await providerOf(context);
    const packages = await packagesOf(context);
    const newest = await fetchLocked(context, () => provider.download(packages, context));
    const epoch = statedEpoch(context) ?? newest;
    const layer = join(context.out, 'layer');
    const image = baseImage(context.needs.rootfs);
    context.log(`installing ${packages.length} packages`);
    await withLayer(
      { below: [], layer, tmp: context.tmp, image },
      context.run,
      context.log,
      async ({ sandbox, root }) => {
        await provider.install(packages, root, sandbox, { ...context, epoch });
      },
    );
    chmodSync(layer, 0o755);
    return { epoch, packages: packages.map(({ name, version, arch }) => ({ name, version, arch })) };
  },
};

/** What is asked of the distribution for the root. */
export async function rootRequest(context: BuildContext): Promise<PackageRequest> {
  const provider = await providerOf(context);
  return { use: 'root', wanted: [...context.config.packages, ...provider.wanted(context)] };
}

async function packagesOf(context: BuildContext): Promise<ResolvedPackage[]> {
  const provider = await providerOf(context);
  return lockedOr(await rootRequest(context), context, () => provider.resolve(context));
}

/** The provider of the configuration's distribution. */
export async function providerOf({ config }: Pick<BuildContext, 'config'>): Promise<PackageProvider> {
  const distribution = config.distribution === 'auto' ? distributionOf() : config.distribution;
  return distribution === 'arch' ? (await import('../lib/distributions/arch/provider')).arch : debian;
}

/** Fetches the package lists of configurations anew, each once. */
export async function refreshLists(contexts: readonly BuildContext[]): Promise<void> {
  const fetched = new Set<string>();
  for (const context of contexts) {
    const provider = await providerOf(context);
    const lists = provider.lists(context);
    if (fetched.has(lists)) continue;
    fetched.add(lists);
    await provider.refresh(context);
  }
}

function identity({ version, arch, sha256 }: ResolvedPackage): Json {
  return `${version} ${arch} ${sha256.slice(0, 16)}`;
}

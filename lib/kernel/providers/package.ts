import { type BuildContext, defineStep } from '../../build';
import { distributionOf } from '../../distributions';
import { fetchLocked, lockedOr, type PackageSet } from '../../distributions/lock/locked';
import type { KernelPackages } from '../../distributions/provider';
import { located } from '../../distributions/refused';
import { sourceOf } from '../../distributions/root';
import { Dock0Error } from '../../error';
import { finishModules } from '../modules';

/** The distribution's kernel package, downloaded and unpacked; nothing is installed on the host. */
export const packageKernel = defineStep({
  name: 'kernel',
  description: "Takes the distribution's kernel",
  version: 1,

  tools: async (context) => [...(await kernelOf(context)).tools, { name: 'depmod', versioned: true }],

  inputs: async (context) => {
    const { settings } = await kernelOf(context);
    const packages = await lockedOr(await kernelPackages(context), context);
    return {
      values: {
        packages: Object.fromEntries(
          packages.map(({ name, version, sha256 }) => [name, `${version} ${sha256.slice(0, 16)}`]),
        ),
        ...settings(context),
        distribution: context.config.distribution,
      },
      means: { packages, source: sourceOf(context) },
    };
  },

  run: async (context) => {
    const { packages, source } = context.means;
    const { download } = await distributionOf(source.config);
    const at = { ...context, ...source };
    const epoch = await fetchLocked(source, () => download(packages, at));
    await (await kernelOf(source)).unpack(packages, at);
    return { version: await finishModules(context), modules: true, epoch };
  },
});

/** The packages with the kernel and its modules; what they depend on is no part of it. */
export async function kernelPackages(context: BuildContext): Promise<PackageSet> {
  const { auto, resolve } = await kernelOf(context);
  const { package: stated } = context.config.kernel;
  const name = stated === 'auto' ? auto() : stated;
  return {
    use: 'kernel',
    wanted: [name],
    resolve: (keep) =>
      located(
        () => context.placeOf(['kernel', 'package']),
        () => resolve(name, context, keep),
      ),
  };
}

async function kernelOf({ config }: { config: { distribution: string } }): Promise<KernelPackages> {
  const { name, kernel } = await distributionOf(config);
  if (kernel !== undefined) return kernel;
  throw new Dock0Error(`kernel.provider: package: ${name} has no kernel package`);
}

import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import type { BuildRun, InputsOf } from '../build';
import type { Meta } from '../engine/step';
import type { PackageTools } from '../root/apply';
import { withLayer } from '../system/layer';
import { distributionOf } from '.';
import { fetchLocked } from './lock/locked';
import { removePackages } from './removal';
import type { rootInputs } from './root';

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

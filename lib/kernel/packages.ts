import type { BuildContext } from '../build';
import type { PackageSet } from '../distributions/lock/locked';
import { kernelPackages } from './providers/package';
import { sourcePackages } from './source/debian';

/** The packages that a kernel is taken from or built from, if it is. */
export async function kernelSets(context: BuildContext): Promise<PackageSet[]> {
  const { provider, source } = context.config.kernel;
  if (provider === 'package') return [await kernelPackages(context)];
  return provider === 'source' && source.debian !== undefined ? [sourcePackages(source.debian, context)] : [];
}

import type { BuildContext } from '../build';
import { distributionOf } from '../distributions';
import { neededBy } from '../distributions/needs';
import { demandsOf } from './demands';
import type { Image } from './need';

/** What of a configuration decides what its kernel has to have: with all packages that the image gets. */
export async function imageOf(context: BuildContext): Promise<Image> {
  const { config } = context;
  const needed = neededBy(await distributionOf(config), config, await demandsOf(context));
  return { ...config, packages: [...config.packages, ...needed.map(({ packages }) => packages)] };
}

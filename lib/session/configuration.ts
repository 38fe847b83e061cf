import { type LoadedConfig, type LoadOptions, readConfig } from '../config/load';
import { distributionOf, distributions, hostDistribution } from '../distributions';
import { platformOf } from '../distributions/check';

/**
 * Loads the configuration and the distributions that it names.
 *
 * @throws ConfigError with everything that is wrong, over all files and hosts
 */
export async function loadConfig(options: Omit<LoadOptions, 'platforms'> = {}): Promise<LoadedConfig> {
  const platforms = { names: Object.keys(distributions).sort(), host: hostDistribution() };
  const { distributions: named, finish } = readConfig({ ...options, platforms });
  const loaded = named.map(async (distribution) => {
    return [distribution, platformOf(await distributionOf({ distribution }))] as const;
  });
  return finish(new Map(await Promise.all(loaded)));
}

import type { Notes, Platform } from '../config/platform';
import type { Wrong } from '../config/problems';
import type { Config } from '../config/schema';
import type { Distribution } from './provider';

/** What the loader of the configuration asks a distribution. */
export function platformOf(distribution: Distribution): Platform {
  const { release } = distribution;
  return { release, check: (config, wrong, notes) => checkConfig(distribution, config, wrong, notes) };
}

/**
 * Reports what a configuration asks of its distribution in vain: what every distribution may lack, and what this one
 * says of its own keys.
 */
function checkConfig(distribution: Distribution, config: Config, wrong: Wrong, notes: Notes): void {
  const { name, initramfsBuilders, kernel, removal } = distribution;
  const { builder } = config.initramfs;
  if (builder !== 'dock0' && !initramfsBuilders.includes(builder))
    wrong(['initramfs', 'builder'], `expected dock0, found ${builder}, which ${name} does not have`);
  if (config.kernel.provider === 'package' && kernel === undefined)
    wrong(['kernel', 'provider'], `expected source or file, found package: ${name} has no kernel package`);
  if (config.cleanup.packages.length > 0 && removal === undefined)
    wrong(['cleanup', 'packages'], `expected an empty list: ${name} has no way to remove packages`);
  distribution.check(config, wrong, notes);
}

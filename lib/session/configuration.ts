import { type LoadedConfig, type LoadOptions, readConfig } from '../config/load';
import type { Platform } from '../config/platform';
import { distributionOf, distributions, hostDistribution } from '../distributions';
import { platformOf } from '../distributions/check';
import { checkHooks } from '../initramfs/hooks';
import { checkDisk } from '../install/check';
import { checkLength } from '../release/cmdline';
import { checkImageFiles } from '../release/images/check';
import { checkFolders } from '../root/check';
import { checkHidden, checkReplaced } from '../root/replaced';
import { checkTemplates } from '../root/template-check';

/** What a session loads. */
export interface SessionOptions extends Omit<LoadOptions, 'platforms'> {
  /** Folders that builds write to, absolute. */
  own?: readonly string[];
}

/**
 * Loads the configuration and the distributions that it names.
 *
 * @throws ConfigError with everything that is wrong, over all files and hosts
 */
export async function loadConfig({ own = [], ...options }: SessionOptions = {}): Promise<LoadedConfig> {
  const platforms = { names: Object.keys(distributions).sort(), host: hostDistribution() };
  const { distributions: named, finish } = readConfig({ ...options, platforms });
  const loaded = named.map(async (distribution) => {
    const platform = platformOf(await distributionOf({ distribution }));
    return [distribution, withChecks(platform, own)] as const;
  });
  return finish(new Map(await Promise.all(loaded)));
}

/** What is said of a configuration, besides by its distribution, by those who put an image together. */
export function withChecks(platform: Platform, own: readonly string[]): Platform {
  return {
    ...platform,
    check: (config, wrong, notes) => {
      platform.check(config, wrong, notes);
      checkLength(config, wrong);
      checkHooks(config, wrong);
      checkDisk(config, wrong);
      checkFolders(config, wrong, notes, own);
      checkReplaced(config, notes);
      checkTemplates(config, wrong, notes);
      checkHidden(config, notes);
      checkImageFiles(config, wrong);
    },
  };
}

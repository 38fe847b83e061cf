import { type LoadedConfig, readConfig } from '../../lib/config/load';
import { distributions, hostDistribution } from '../../lib/distributions';
import { arch } from '../../lib/distributions/arch';
import { platformOf } from '../../lib/distributions/check';
import { debian } from '../../lib/distributions/debian';
import { type SessionOptions, withChecks } from '../../lib/session/configuration';

/** What a test says of the loading; the rest is as a session has it. */
export type ConfigOptions = SessionOptions;

/** Loads a configuration as a session does, with the distributions of this package, but at once. */
export function loadConfig({ own = [], ...options }: ConfigOptions = {}): LoadedConfig {
  const platforms = { names: Object.keys(distributions).sort(), host: hostDistribution() };
  const known = new Map([arch, debian].map((each) => [each.name, withChecks(platformOf(each), own)]));
  return readConfig({ ...options, platforms }).finish(known);
}

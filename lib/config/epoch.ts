import type { Config } from './schema';

/**
 * The time stamp for an image's files, if one is set: SOURCE_DATE_EPOCH of the environment, else `epoch`; in seconds
 * since 1970. null for `auto`.
 */
export function statedEpoch({ config }: { config: Pick<Config, 'epoch'> }): number | null {
  const stated = process.env.SOURCE_DATE_EPOCH ?? config.epoch;
  return stated === 'auto' || stated === '' ? null : Number(stated);
}

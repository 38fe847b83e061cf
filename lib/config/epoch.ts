import { Dock0Error } from '../error';
import { LAST_SECOND } from './limits';
import type { Config } from './schema';

/**
 * The time stamp for an image's files, if one is set: SOURCE_DATE_EPOCH of the environment, else `epoch`; in seconds
 * since 1970. null for `auto`.
 *
 * @throws Dock0Error when SOURCE_DATE_EPOCH is no such number
 */
export function statedEpoch({ config }: { config: Pick<Config, 'epoch'> }): number | null {
  const stated = process.env.SOURCE_DATE_EPOCH;
  if (stated === undefined || stated === '') return config.epoch === 'auto' ? null : config.epoch;
  if (/^\d+$/.test(stated) && Number(stated) <= LAST_SECOND) return Number(stated);
  throw new Dock0Error(
    `SOURCE_DATE_EPOCH: expected seconds since 1970, up to ${LAST_SECOND} (2106), found ${JSON.stringify(stated)}`,
    { hint: '`date +%s` prints the present time in that form.' },
  );
}

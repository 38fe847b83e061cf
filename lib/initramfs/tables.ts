import type { Config } from '../config/schema';
import { keptPaths, stateVolume } from '../config/state';
import { createTable, MKE2FS_CONF, type Volume, volumesTable } from './volumes';

/** What the tables of the hooks are made of. */
export interface Tabled {
  volumes: Record<string, Volume>;
  /** Seconds to wait for a disk. */
  timeout: number;
  /** The table of the partitions that the machine makes; undefined where its disk has none. */
  partitions: string | undefined;
  /** The table of the state. */
  state: string;
}

/**
 * The tables that the built-in hooks read at boot, by their paths in the initramfs.
 *
 * @param drivers the table of the drivers of disks that are left out
 */
export function tables(
  { volumes, timeout, partitions, state }: Tabled,
  drivers: string,
): Record<string, string> {
  return {
    'etc/dock0/timeout': `${timeout}\n`,
    'etc/dock0/volumes': volumesTable(volumes),
    ...createTables(volumes),
    ...(partitions === undefined ? {} : { 'etc/dock0/partitions': partitions }),
    'etc/dock0/state': state,
    'etc/dock0/drivers': drivers,
  };
}

function createTables(volumes: Record<string, Volume>): Record<string, string> {
  const table = createTable(volumes);
  return table === '' ? {} : { 'etc/dock0/create': table, 'etc/mke2fs.conf': MKE2FS_CONF };
}

/**
 * The table of the state that the hook dock0-state reads: the name of the volume; then one path a line, KIND MODE PATH
 * separated by tabs, a folder before what is below it. Empty where no volume keeps the state.
 */
export function stateTable(config: Pick<Config, 'state' | 'docker' | 'volumes' | 'logs'>): string {
  const volume = stateVolume(config);
  if (volume === undefined) return '';
  const lines = keptPaths(config).map(({ path, kind, mode }) => [kind, mode ?? '-', path].join('\t'));
  return `${[volume, ...lines].join('\n')}\n`;
}

import type { Config } from '../config/schema';
import { keptPaths, stateVolume } from '../config/state';
import { Dock0Error } from '../error';
import { specOf } from '../release/cmdline';

/** What the tables of the hooks are made of. */
export interface Tabled {
  volumes: Record<string, Volume>;
  /** Seconds to wait for a disk. */
  timeout: number;
  /** The table of the state. */
  state: string;
}

/** A volume as the configuration has it (`volumes.<name>`). */
export interface Volume {
  label?: string | undefined;
  uuid?: string | undefined;
  device?: string | undefined;
  path: string;
  type: string;
  options: string[];
}

/**
 * The tables that the built-in hooks read at boot, by their paths in the initramfs.
 *
 * @param drivers the table of the drivers of disks that are left out
 */
export function tables({ volumes, timeout, state }: Tabled, drivers: string): Record<string, string> {
  return {
    'etc/dock0/timeout': `${timeout}\n`,
    'etc/dock0/volumes': volumesTable(volumes),
    'etc/dock0/state': state,
    'etc/dock0/drivers': drivers,
  };
}

/**
 * The table of volumes that the hook dock0 reads: one volume a line, NAME SPEC PATH TYPE OPTIONS separated by tabs, a
 * folder before what is mounted below it.
 */
export function volumesTable(volumes: Record<string, Volume>): string {
  const byPath = Object.entries(volumes).sort(([, a], [, b]) => (a.path < b.path ? -1 : 1));
  return byPath
    .map(([name, volume]) => {
      const fields = [name, specOf(volume), volume.path, volume.type, volume.options.join(',') || 'rw'];
      const bad = fields.find((field) => /[\t\n\\]/.test(field));
      if (bad !== undefined)
        throw new Dock0Error(
          `volumes.${name}: ${JSON.stringify(bad)} contains a tab, a line break or a backslash`,
        );
      return `${fields.join('\t')}\n`;
    })
    .join('');
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

import type { Config } from './schema';

/**
 * The name of the volume that keeps the state of the machine.
 *
 * @returns undefined where none does
 */
export function stateVolume({
  state: { volume },
  docker,
  volumes,
}: Pick<Config, 'state' | 'docker' | 'volumes'>): string | undefined {
  if (volume === 'none') return undefined;
  if (volume !== 'auto') return volume;
  const ofDocker = docker.storage.volume;
  return docker.enabled && Object.hasOwn(volumes, ofDocker) ? ofDocker : undefined;
}

/** A path that the state keeps. */
export interface Kept {
  path: string;
  /** What is made where neither the image nor the state has it. */
  kind: 'folder' | 'file';
  /** Octal. */
  mode?: string | undefined;
}

/** The paths that the state keeps, a folder before what is below it; machine-id and the SSH host keys are kept besides. */
export function keptPaths({ state, logs }: Pick<Config, 'state' | 'logs'>): Kept[] {
  const stated = state.paths.map(
    (item): Kept => (typeof item === 'string' ? { path: item, kind: 'folder' } : item),
  );
  return [SYSTEMD, ...(logs.persistent ? [JOURNAL] : []), ...stated].sort((a, b) =>
    a.path < b.path ? -1 : 1,
  );
}

/** Its mode and group are made by systemd-tmpfiles. */
const JOURNAL: Kept = { path: '/var/log/journal', kind: 'folder' };

/** The random seed, the clock of timesync, and what else systemd remembers of the machine. */
const SYSTEMD: Kept = { path: '/var/lib/systemd', kind: 'folder' };

import type { Config } from '../config/schema';
import { type Placed, textFile } from './tree';

/** The units that wait until the time is set, by the program that sets it (systemd-time-wait-sync(8), chrony-wait). */
export const TIME_UNITS = [
  { service: 'systemd-timesyncd.service', waits: 'systemd-time-wait-sync.service' },
  { service: 'chronyd.service', waits: 'chrony-wait.service' },
  { service: 'chrony.service', waits: 'chrony-wait.service' },
] as const;

/** The servers of the time, and that Docker waits for it (timesyncd.conf(5), systemd.special(7), time-sync.target). */
export function timeFiles({ time, docker }: Pick<Config, 'time' | 'docker'>): Placed[] {
  return [
    ...(time.servers.length === 0
      ? []
      : [textFile('etc/systemd/timesyncd.conf.d/10-dock0.conf', `[Time]\nNTP=${time.servers.join(' ')}\n`)]),
    ...(time.wait && docker.enabled
      ? [textFile('etc/systemd/system/docker.service.d/10-dock0-time.conf', WAITING)]
      : []),
  ];
}

const WAITING = `[Unit]
Wants=time-sync.target
After=time-sync.target
`;

/** The units to enable: the program that sets the time, and the one that waits for it. */
export function timeUnits({ time }: Pick<Config, 'time'>, has: (unit: string) => boolean): string[] {
  if (!time.wait && time.servers.length === 0) return [];
  // Where an image has several, the one that was added to it is meant.
  const found = TIME_UNITS.filter(({ service }) => has(service)).at(-1);
  if (found === undefined) return [];
  return [found.service, ...(time.wait && has(found.waits) ? [found.waits] : [])];
}

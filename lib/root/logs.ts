import type { Config } from '../config/schema';
import { type Placed, textFile } from './tree';

/** The keys of daemon.json (dockerd(8)) that bound the logs of containers. */
export function containerLogs({ containers: { size, files } }: Config['logs']): Record<string, unknown> {
  // Docker writes sizes in small letters, and all options as texts.
  return {
    'log-driver': 'local',
    'log-opts': { 'max-size': size.toLowerCase(), 'max-file': String(files) },
  };
}

/** The limits of the journal (journald.conf(5)). */
export function journalFiles({ persistent, size }: Config['logs']): Placed[] {
  const text = `[Journal]
Storage=${persistent ? 'persistent' : 'volatile'}
${persistent ? 'SystemMaxUse' : 'RuntimeMaxUse'}=${size}
`;
  return [textFile('etc/systemd/journald.conf.d/10-dock0.conf', text)];
}

/** A timer that tidies up after Docker, if one is wanted. */
export function pruneFiles(prune: Config['prune']): Placed[] {
  if (prune === 'none') return [];
  return [
    textFile(`etc/systemd/system/${PRUNE}.service`, SERVICE),
    textFile(`etc/systemd/system/${PRUNE}.timer`, timer(prune)),
  ];
}

/** The name of its units. */
export const PRUNE = 'dock0-prune';

const SERVICE = `[Unit]
Description=Remove images and build caches that are not used
Requires=docker.service
After=docker.service

[Service]
Type=oneshot
ExecStart=/usr/bin/docker image prune --all --force --filter until=168h
ExecStart=/usr/bin/docker builder prune --force --filter until=168h
`;

function timer(prune: string): string {
  return `[Unit]
Description=Tidy up after Docker

[Timer]
OnCalendar=${prune}
RandomizedDelaySec=1h
Persistent=yes

[Install]
WantedBy=timers.target
`;
}

import type { Config } from '../config/schema';
import { type Placed, textFile } from './tree';

/** Confirms a release that is tried. */
export const CONFIRM_SERVICE = 'dock0-confirm.service';

const [CONFIRM, RELEASES, COMMANDS] = ['confirm', 'releases', 'health'].map(
  (name) => `usr/lib/dock0/${name}`,
) as [string, string, string];

/**
 * What confirms a release that is tried, or reboots the machine so that it goes back to the one before.
 *
 * @param programs the programs of ours that the machine runs
 */
export function healthFiles(
  { commands, timeout }: Config['health'],
  programs: Readonly<Record<'releases' | 'confirm', string>>,
): Placed[] {
  const program = (path: string, source: string): Placed => ({ path, source, kind: 'file', mode: 0o755 });
  return [
    textFile(`etc/systemd/system/${CONFIRM_SERVICE}`, unit(timeout)),
    program(CONFIRM, programs.confirm),
    program(RELEASES, programs.releases),
    ...(commands.length === 0 ? [] : [textFile(COMMANDS, commands.map((each) => `${each}\n`).join(''))]),
  ];
}

function unit(timeout: number): string {
  return `[Unit]
Description=Confirm the release that is tried
ConditionPathExists=/run/dock0/trial
After=multi-user.target

[Service]
Type=oneshot
ExecStart=/bin/sh /${CONFIRM} ${timeout}
TimeoutStartSec=infinity

[Install]
WantedBy=multi-user.target
`;
}

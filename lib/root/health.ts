import type { Config } from '../config/schema';
import { type Placed, textFile } from './tree';

/** Confirms a release that is tried. */
export const CONFIRM_SERVICE = 'dock0-confirm.service';

const [CONFIRM, RELEASES, LOADERS, COMMANDS] = ['confirm', 'releases', 'loaders', 'health'].map(
  (name) => `usr/lib/dock0/${name}`,
) as [string, string, string, string];

/** What confirms releases: the programs of ours that machines run, and what they read of a boot loader. */
export type ReleasePrograms = Readonly<
  Record<'releases' | 'confirm' | `loaders/${Config['install']['loader']}`, string>
>;

/**
 * What confirms a release that is tried, or reboots the machine so that it goes back to the one before.
 *
 * @param loader what the machine boots by
 * @param programs the programs of ours that the machine runs
 */
export function healthFiles(
  { commands, timeout }: Config['health'],
  loader: Config['install']['loader'],
  programs: ReleasePrograms,
): Placed[] {
  const program = (path: string, source: string): Placed => ({ path, source, kind: 'file', mode: 0o755 });
  return [
    textFile(`etc/systemd/system/${CONFIRM_SERVICE}`, unit(timeout)),
    program(CONFIRM, programs.confirm),
    program(RELEASES, programs.releases),
    { path: `${LOADERS}/${loader}`, source: programs[`loaders/${loader}`], kind: 'file', mode: 0o644 },
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

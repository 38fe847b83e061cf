import { join } from 'node:path';
import type { Config } from '../config/schema';
import { parseSize } from '../config/size';
import { type Placed, textFile } from './tree';

/** What of the configuration decides how a machine behaves while it runs, besides its command line. */
export interface Behaviour {
  sysctl: Config['sysctl'];
  /** Modules to load at boot. */
  loads: string[];
  watchdog: Config['system']['watchdog'];
  /** The arguments of the program that makes swap space; undefined where none is wanted. */
  swapSpace: string[] | undefined;
}

export function behaviourOf(config: Config): Behaviour {
  const { sysctl, modules, system } = config;
  return { sysctl, loads: modules.load, watchdog: system.watchdog, swapSpace: swapSpace(config) };
}

/** What the program `hooks/machine/swap` is called with. */
function swapSpace({ swap, volumes }: Pick<Config, 'swap' | 'volumes'>): string[] | undefined {
  if (swap?.zram !== undefined) return ['zram', String(Number.parseInt(swap.zram, 10))];
  const folder = swap?.volume === undefined ? undefined : volumes[swap.volume]?.path;
  if (swap?.file === undefined || folder === undefined) return undefined;
  return ['file', join(folder, '.dock0-swap'), String(parseSize(swap.file))];
}

/**
 * Settings of the kernel and of systemd (sysctl.d(5), modules-load.d(5), systemd-system.conf(5)), and the unit of the
 * swap space.
 *
 * @param swapProgram the program that makes swap space
 */
export function machineFiles(
  { sysctl, loads, watchdog, swapSpace: swap }: Behaviour,
  swapProgram: string,
): Placed[] {
  const settings = Object.entries(sysctl).map(([name, value]) => `${name} = ${value}\n`);
  return [
    ...(settings.length === 0 ? [] : [textFile('etc/sysctl.d/80-dock0.conf', settings.join(''))]),
    ...(loads.length === 0
      ? []
      : [textFile('etc/modules-load.d/10-dock0.conf', loads.map((name) => `${name}\n`).join(''))]),
    ...(watchdog === 'off'
      ? []
      : [textFile('etc/systemd/system.conf.d/10-dock0.conf', `[Manager]\nRuntimeWatchdogSec=${watchdog}\n`)]),
    ...(swap === undefined
      ? []
      : [
          textFile(`etc/systemd/system/${SWAP_SERVICE}`, swapUnit(swap)),
          { path: SWAP_PROGRAM, source: swapProgram, kind: 'file', mode: 0o755 } as const,
        ]),
  ];
}

/** The unit of the swap space. */
export const SWAP_SERVICE = 'dock0-swap.service';
const SWAP_PROGRAM = 'usr/lib/dock0/swap';

/** A unit's words: `%` starts a specifier, `$` a variable, and quotes hold blanks (systemd.service(5)). */
function quoted(word: string): string {
  const text = word
    .replaceAll('%', '%%')
    .replaceAll('$', '$$$$')
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"');
  return /[\s"'\\;]/.test(word) ? `"${text}"` : text;
}

function swapUnit(words: readonly string[]): string {
  return `[Unit]
Description=Swap space
After=systemd-modules-load.service local-fs.target
Before=docker.service

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/${SWAP_PROGRAM} ${words.map(quoted).join(' ')}

[Install]
WantedBy=multi-user.target
`;
}

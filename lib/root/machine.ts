import { join } from 'node:path';
import type { Config } from '../config/schema';
import { parseSize } from '../config/size';
import { CONFIRM_SERVICE, healthFiles, type ReleasePrograms } from './health';
import { type Placed, textFile } from './tree';

/** What of the configuration decides how a machine behaves while it runs, besides its command line. */
export interface Behaviour {
  sysctl: Config['sysctl'];
  /** Modules to load at boot. */
  loads: string[];
  watchdog: Config['system']['watchdog'];
  /** Consoles whose drivers may be loaded after systemd looked for those that get a login. */
  lateConsoles: string[];
  /** The arguments of the program that makes swap space; undefined where none is wanted. */
  swapSpace: string[] | undefined;
  /** Whether there are volumes, which may fill up. */
  hasVolumes: boolean;
  /** What the release has to pass when it is tried; undefined where releases are not. */
  health: Config['health'] | undefined;
  /** What it boots by. */
  loader: Config['install']['loader'];
}

export function behaviourOf(config: Config): Behaviour {
  const { sysctl, modules, system, volumes, install, health } = config;
  return {
    ...{ sysctl, loads: modules.load, watchdog: system.watchdog },
    lateConsoles: lateConsoles(config),
    swapSpace: swapSpace(config),
    hasVolumes: Object.keys(volumes).length > 0,
    health: install.target === 'image' && install.layout === 'gpt' ? health : undefined,
    loader: install.loader,
  };
}

/** Those of a hypervisor and of USB; drivers of the others are part of kernels, and ports that there are not look alike. */
function lateConsoles({ consoles, kernel }: Pick<Config, 'consoles' | 'kernel'>): string[] {
  const stated = kernel.cmdline.flatMap((word) => /^console=(.*)$/.exec(word)?.[1] ?? []);
  const names = (stated.length > 0 ? stated : consoles).map((name) => name.replace(/,.*/, ''));
  return [...new Set(names.filter((name) => /^(hvc|ttyUSB|ttyACM)\d+$/.test(name)))];
}

/** What the program `hooks/machine/swap` is called with. */
function swapSpace({ swap, volumes }: Pick<Config, 'swap' | 'volumes'>): string[] | undefined {
  if (swap?.zram !== undefined) return ['zram', String(Number.parseInt(swap.zram, 10))];
  const folder = swap?.volume === undefined ? undefined : volumes[swap.volume]?.path;
  if (swap?.file === undefined || folder === undefined) return undefined;
  return ['file', join(folder, '.dock0-swap'), String(parseSize(swap.file))];
}

/**
 * Settings of the kernel and of systemd (sysctl.d(5), modules-load.d(5), systemd-system.conf(5)), logins on consoles, and
 * the units of the swap space and of the look at the volumes.
 *
 * @param programs the programs of ours that the machine runs
 */
export function machineFiles(
  { sysctl, loads, watchdog, lateConsoles, swapSpace: swap, hasVolumes, health, loader }: Behaviour,
  programs: Readonly<Record<'swap' | 'volume-usage', string>> & ReleasePrograms,
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
    ...(lateConsoles.length === 0
      ? []
      : [textFile('etc/udev/rules.d/80-dock0-consoles.rules', lateConsoles.map(consoleRule).join(''))]),
    ...(swap === undefined
      ? []
      : [
          textFile(`etc/systemd/system/${SWAP_SERVICE}`, swapUnit(swap)),
          { path: SWAP_PROGRAM, source: programs.swap, kind: 'file', mode: 0o755 } as const,
        ]),
    ...(hasVolumes
      ? [
          textFile(`etc/systemd/system/${USAGE}.service`, USAGE_SERVICE),
          textFile(`etc/systemd/system/${USAGE}.timer`, USAGE_TIMER),
          {
            path: USAGE_PROGRAM,
            source: programs['volume-usage'],
            kind: 'file',
            mode: 0o755,
          } as const,
        ]
      : []),
    ...(health === undefined ? [] : healthFiles(health, loader, programs)),
  ];
}

/** Starts a login where a device comes (systemd.device(5)). */
function consoleRule(name: string): string {
  return `SUBSYSTEM=="tty", KERNEL=="${name}", TAG+="systemd", ENV{SYSTEMD_WANTS}+="serial-getty@${name}.service"\n`;
}

/** The units of those files that are to be enabled. */
export function machineUnits(files: readonly Placed[]): string[] {
  return [SWAP_SERVICE, `${USAGE}.timer`, CONFIRM_SERVICE].filter((unit) =>
    files.some(({ path }) => path === `etc/systemd/system/${unit}`),
  );
}

const USAGE = 'dock0-volume-usage';
const USAGE_PROGRAM = 'usr/lib/dock0/volume-usage';

const USAGE_SERVICE = `[Unit]
Description=Warn of volumes that are nearly full

[Service]
Type=oneshot
ExecStart=/${USAGE_PROGRAM}
`;

const USAGE_TIMER = `[Unit]
Description=Look how full the volumes are

[Timer]
OnBootSec=2min
OnUnitActiveSec=1h

[Install]
WantedBy=timers.target
`;

const SWAP_SERVICE = 'dock0-swap.service';
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

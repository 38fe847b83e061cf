import { COMMAND_LINE } from '../config/limits';
import type { Wrong } from '../config/problems';
import type { Config } from '../config/schema';

/**
 * The kernel command line of a release: the words of the configuration, then where the initramfs finds the root, where
 * writes go, and the volumes. One line, without a newline.
 */
export function cmdlineOf(config: Config): string {
  const { kernel, install, volumes } = config;
  const cow = install.cow === 'tmpfs' ? [] : [`dock0.cow=${specOf(install.cow)}`];
  const mounts = Object.entries(volumes).map(([name, volume]) => `dock0.volume.${name}=${specOf(volume)}`);
  return [
    ...kernel.cmdline,
    ...behaviourWords(config),
    `dock0.root=LABEL=${install.label}`,
    'dock0.release=current',
    ...cow,
    ...mounts,
  ].join(' ');
}

/** Consoles, the reboot after a crash, and parameters of modules (kernel-parameters.txt); what is stated wins. */
function behaviourWords({ kernel, consoles, system, modules }: Config): string[] {
  const states = (name: string): boolean => kernel.cmdline.some((word) => word.startsWith(`${name}=`));
  const options = Object.entries(modules.options).flatMap(([name, parameters]) =>
    Object.entries(parameters).map(([parameter, value]) => `${name}.${parameter}=${shown(value)}`),
  );
  return [
    ...(states('console') ? [] : consoles.map((name) => `console=${name}`)),
    ...(states('panic') || system.panic === 0 ? [] : [`panic=${system.panic}`]),
    ...options,
  ];
}

/** Switches of modules are Y and N (moduleparam.h). */
function shown(value: string | number | boolean): string {
  if (typeof value === 'boolean') return value ? 'Y' : 'N';
  return String(value);
}

/** What comes to the command line after the configuration: the id of the release, and what iPXE says of the network. */
function added({ install }: Config): string {
  const id = ` dock0.id=${'0'.repeat(16)}`;
  if (install.target !== 'netboot') return id;
  return `${id} dock0.root=${install.url ?? ''} dock0.card=00:00:00:00:00:00`;
}

/** Reports a command line that is longer than a kernel takes: it would cut it off, without a word. */
export function checkLength(config: Config, wrong: Wrong): void {
  const bytes = Buffer.byteLength(cmdlineOf(config) + added(config));
  if (bytes > COMMAND_LINE)
    wrong(
      ['kernel', 'cmdline'],
      `expected at most ${COMMAND_LINE} bytes with what the build adds, found ${bytes}: the kernel would cut it off`,
    );
}

/** Where a file system is found, as the kernel command line has it: `LABEL=…`, `UUID=…` or a device. */
export function specOf({ label, uuid, device }: Place): string {
  if (label !== undefined) return `LABEL=${label}`;
  return uuid === undefined ? String(device) : `UUID=${uuid}`;
}

interface Place {
  label?: string | undefined;
  uuid?: string | undefined;
  device?: string | undefined;
}

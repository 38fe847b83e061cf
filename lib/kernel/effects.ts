import { type Kconfig, settingOf } from './kconfig';
import type { Image, Need } from './need';

/** Words that change what the kernel does with what is built into it. */
const DECISIVE = /^(lsm|security|apparmor|selinux|cgroup_disable|rdinit)=/;

/** Security modules of which only the first in the order of CONFIG_LSM runs (`LSM_FLAG_EXCLUSIVE`). */
const EXCLUSIVE: Record<string, string> = {
  selinux: 'SECURITY_SELINUX',
  smack: 'SECURITY_SMACK',
  apparmor: 'SECURITY_APPARMOR',
};

/** The controllers that Docker's limits use. */
const CONTROLLERS = ['memory', 'pids', 'cpu', 'cpuset'];

/**
 * What strings of a kernel's configuration have to come to once the kernel runs, with the words of the release's own
 * command line. Options that are set are not enough there: AppArmor can be built in and never run. Sources:
 * Documentation/admin-guide/LSM/index.rst, kernel-parameters.txt, security/security.c (`ordered_lsm_parse`).
 */
export function effectsOf({ kernel, docker, packages }: Image): Need[] {
  const words = kernel.cmdline.filter((word) => DECISIVE.test(word));
  const effect = (
    group: string,
    symbol: string,
    necessary: boolean,
    use: string,
    fault: (config: Kconfig, line: readonly string[]) => string | undefined,
  ): Need => ({
    group,
    symbols: [symbol],
    necessary,
    builtIn: false,
    use,
    words,
    // The words that are built in come before those of the release.
    fault: (config) => fault(config, [...builtInWords(config), ...words]),
  });
  return [
    effect('Boot', 'CMDLINE', true, "the release's command line and initramfs count", commandLineFault),
    effect('Boot', 'MODPROBE_PATH', docker.enabled, 'modules are loaded when they are needed', modprobeFault),
    effect('Control groups', 'CMDLINE', docker.enabled, 'no controller is turned off', controllerFault),
    effect('Docker', 'LSM', docker.enabled && confined(packages), 'AppArmor confines containers', armorFault),
  ];
}

/** Whether an image has what loads AppArmor's profiles, so that Docker uses it. */
export function confined(packages: readonly string[]): boolean {
  return packages.some((name) => /^([^/]+\/)?apparmor([=/:]|$)/.test(name));
}

function builtInWords(config: Kconfig): string[] {
  return textOf(config, 'CMDLINE').split(/\s+/).filter(Boolean);
}

function textOf(config: Kconfig, symbol: string): string {
  return (config.get(symbol) ?? '').replace(/^"(.*)"$/s, '$1');
}

/** The value that counts: of the last word with this name. */
function lastValue(line: readonly string[], name: string): string | undefined {
  return line.findLast((word) => word.startsWith(`${name}=`))?.slice(name.length + 1);
}

function commandLineFault(config: Kconfig): string | undefined {
  const only = ['CMDLINE_OVERRIDE', 'CMDLINE_FORCE'].find((symbol) => config.get(symbol) === 'y');
  if (only !== undefined)
    return `CONFIG_${only}=y: the release's own, which names the root, would be ignored`;
  if (config.get('INITRAMFS_FORCE') === 'y')
    return "CONFIG_INITRAMFS_FORCE=y: the release's initramfs would be ignored";
  const first = lastValue(builtInWords(config), 'rdinit');
  return first === undefined ? undefined : `it has rdinit=${first}: the initramfs would not start with /init`;
}

function modprobeFault(config: Kconfig): string | undefined {
  if (config.get('MODULES') !== 'y') return undefined;
  if (config.get('MODPROBE_PATH') === '""') return 'it is empty';
  return config.get('STATIC_USERMODEHELPER') === 'y'
    ? `CONFIG_STATIC_USERMODEHELPER=y: "${textOf(config, 'STATIC_USERMODEHELPER_PATH')}" is started instead`
    : undefined;
}

function controllerFault(_config: Kconfig, line: readonly string[]): string | undefined {
  const off = line
    .filter((word) => word.startsWith('cgroup_disable='))
    .flatMap((word) => word.slice('cgroup_disable='.length).split(','))
    .filter((name) => CONTROLLERS.includes(name));
  return off.length === 0 ? undefined : `the command line has cgroup_disable=${off.join(',')}`;
}

function armorFault(config: Kconfig, line: readonly string[]): string | undefined {
  if (config.get('SECURITY_APPARMOR') !== 'y') return 'CONFIG_SECURITY_APPARMOR is not set';
  const switched = lastValue(line, 'apparmor') ?? settingOf(config, 'SECURITY_APPARMOR_BOOTPARAM_VALUE');
  if (switched === '0') return 'AppArmor is turned off: apparmor=0';
  const stated = lastValue(line, 'lsm');
  const major = stated === undefined ? lastValue(line, 'security') : undefined;
  if (major !== undefined) return major === 'apparmor' ? undefined : `the command line has security=${major}`;
  // Up to Linux 5.0 there is one security module, and CONFIG_DEFAULT_SECURITY names it.
  const symbol = config.has('LSM') ? 'LSM' : 'DEFAULT_SECURITY';
  const order = stated ?? textOf(config, symbol);
  const where = stated === undefined ? `CONFIG_${symbol} is "${order}"` : `the command line has lsm=${order}`;
  const names = order.split(',');
  const runs = names.find((name) => config.get(EXCLUSIVE[name] ?? '') === 'y' && !disabled(name, line));
  if (runs === 'apparmor') return undefined;
  if (runs !== undefined) return `${where}, where ${runs} comes first and keeps AppArmor from running`;
  const adding = [...names.filter((name) => name !== '' && name !== 'bpf'), 'apparmor', 'bpf'].join(',');
  return `${where}, without apparmor (kernel.cmdline: [lsm=${adding}] adds it)`;
}

function disabled(name: string, line: readonly string[]): boolean {
  return name === 'selinux' && lastValue(line, 'selinux') === '0';
}

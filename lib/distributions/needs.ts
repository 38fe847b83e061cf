import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { BuildContext } from '../build';
import { isGenerated } from '../config/locale';
import { packageFolder } from '../config/paths';
import type { Config } from '../config/schema';
import { Dock0Error } from '../error';
import type { ResolvedPackage } from './package';
import type { Distribution, KernelDemands, PackagesFor, Purpose, Role } from './provider';

/** What an image needs beside the packages that it names: by what it is to do, and by its settings. */
export function neededBy(
  { roles, packagesFor }: Pick<Distribution, 'roles' | 'packagesFor'>,
  config: Config,
  kernel: KernelDemands,
): Role[] {
  const settings: [when: boolean, purpose: Purpose, use: string][] = [
    [config.timezone !== 'UTC', 'zones', 'timezone'],
    [isGenerated(config), 'locales', 'locale'],
    [config.keymap !== undefined, 'keymaps', 'keymap'],
    [
      Object.values(config.network.interfaces).some(({ dns }) => dns.length > 0),
      'resolver',
      'network.interfaces',
    ],
    [config.firewall !== undefined, 'firewall', 'firewall'],
    [Object.values(config.users).some(({ sudo }) => sudo), 'sudo', 'users'],
  ];
  const needed = settings.flatMap(([when, purpose, use]): Role[] => {
    const [packages, ...others] = packagesFor[purpose] ?? [];
    const stated = [packages, ...others].some((name) => name !== undefined && config.packages.includes(name));
    return !when || packages === undefined || stated ? [] : [{ packages, use }];
  });
  return [...(roles?.(config, kernel) ?? []), ...needed];
}

/**
 * Checks the packages of an image, dependencies included, against what the configuration wants of it: before anything
 * is installed.
 *
 * @throws Dock0Error when the image could not do its job: no init, no Docker, no network; each with what to add
 */
export function checkNeeds(
  packages: readonly Pick<ResolvedPackage, 'name'>[],
  packagesFor: PackagesFor,
  demands: KernelDemands,
  { config, placeOf, warn }: Pick<BuildContext, 'config' | 'placeOf' | 'warn'>,
): void {
  const names = new Set(packages.map(({ name }) => name));
  const lacks = (purpose: Purpose): boolean =>
    packagesFor[purpose]?.some((name) => names.has(name)) === false;
  const add = (purpose: Purpose): string => packagesFor[purpose]?.[0] ?? '';
  const { init, docker, network, kernel, root, volumes, compose } = config;
  if (init === 'auto') {
    const missing: string[] = [];
    const brings = (...files: string[]): boolean => broughtBy(config, files);
    if (lacks('init') && !brings('sbin/init', 'usr/sbin/init'))
      missing.push(
        `nothing starts this system: add ${add('init')}, or \`include: ${whole(config)}\`, which has all that a Docker host needs; \`init: none\` is for a root that is never booted`,
      );
    if (docker.enabled && lacks('docker') && !brings('usr/bin/dockerd', 'usr/local/bin/dockerd'))
      missing.push(`no package has Docker: add ${add('docker')}, or set docker.enabled: false`);
    if (config.time.wait && lacks('time'))
      missing.push(`no package sets the time: add ${add('time')} (for time.wait)`);
    const services = [
      docker.enabled ? 'docker.enabled' : '',
      network.dhcp ? 'network.dhcp' : '',
      Object.keys(network.interfaces).length > 0 ? 'network.interfaces' : '',
    ].filter(Boolean);
    if (!lacks('init') && services.length > 0) {
      if (lacks('udev'))
        missing.push(
          `no package brings udev, without which there is no network: add ${add('udev')} (for ${services.join(' and ')})`,
        );
      if (lacks('modules') && kernel.provider === 'package')
        missing.push(
          `no package loads the modules of the kernel: add ${add('modules')} (for ${services.join(' and ')})`,
        );
    }
    if (missing.length > 0)
      throw new Dock0Error(missing.map((why) => `${placeOf(['packages'])}: ${why}`).join('\n'));
  }
  if (compose !== undefined && lacks('compose') && !broughtBy(config, COMPOSE))
    throw new Dock0Error(
      `${placeOf(['compose'])}: no package has Docker Compose: add ${add('compose')} to \`packages\``,
    );
  for (const [keys, stated] of [
    [['root', 'ssh_keys'], root.ssh_keys],
    ...Object.entries(config.users).map(
      ([name, { ssh_keys: keys }]) => [['users', name, 'ssh_keys'], keys] as const,
    ),
    [['state', 'ssh_host_keys'], config.state.ssh_host_keys],
    [['ssh', 'passwords'], config.ssh.passwords ? ['yes'] : []],
  ] as const)
    if (stated.length > 0 && lacks('ssh'))
      warn(`${placeOf(keys)}: has no effect: no package brings an SSH server; add ${add('ssh')}`);
  if (docker.enabled && demands.apparmor && lacks('apparmor'))
    warn(
      `${placeOf(['packages'])}: the kernel has AppArmor, but no package brings apparmor_parser: containers run unconfined, and with a Docker before 23 not at all; add ${add('apparmor')}, or apparmor=0 to kernel.cmdline`,
    );
  for (const [name, { type }] of Object.entries(volumes)) {
    if (type !== 'ext4' && lacks(type))
      warn(
        `${placeOf(['volumes', name, 'type'])}: no package can check or grow ${type} file systems; add ${add(type)}`,
      );
  }
}

/** Where Compose is, a plugin of Docker's or a program of its own, for those who bring it themselves. */
const COMPOSE = [
  ...['usr/libexec', 'usr/lib', 'usr/local/libexec', 'usr/local/lib'].map(
    (folder) => `${folder}/docker/cli-plugins/docker-compose`,
  ),
  'usr/bin/docker-compose',
  'usr/local/bin/docker-compose',
];

/** The configuration of this package that has a whole host of the distribution. */
function whole({ distribution }: Config): string {
  return existsSync(join(packageFolder(), 'configs', `${distribution}.yaml`)) ? distribution : 'default';
}

/** Whether an overlay or a template folder has one of these files. */
function broughtBy({ overlay, templates }: Config, files: readonly string[]): boolean {
  return [...overlay, ...templates].some((folder) => files.some((file) => existsSync(join(folder, file))));
}

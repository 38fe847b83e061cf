import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { BuildContext } from '../build';
import { isGenerated } from '../config/locale';
import type { Config } from '../config/schema';
import { Dock0Error } from '../error';
import type { ResolvedPackage } from './package';

/** What an image may need of its packages. */
export type Role =
  | 'init'
  | 'docker'
  | 'udev'
  | 'modules'
  | 'ssh'
  | 'zones'
  | 'locales'
  | 'keymaps'
  | 'xfs'
  | 'btrfs';

/** By role the packages of a distribution of which each one fills it; the first is the one to add. */
export type Roles = { readonly [R in Role]?: readonly string[] };

/** The packages that settings need which no package of the image's own depends on. */
export function settingsPackages(config: Config, roles: Roles): string[] {
  const { timezone, keymap } = config;
  const needed: Role[] = [];
  if (timezone !== 'UTC') needed.push('zones');
  if (isGenerated(config)) needed.push('locales');
  if (keymap !== undefined) needed.push('keymaps');
  return needed.flatMap((role) => roles[role]?.[0] ?? []).filter((name) => !config.packages.includes(name));
}

/** A configuration with the packages that its settings need. */
export function withSettings<C extends Pick<BuildContext, 'config'>>(context: C, roles: Roles): C {
  const { config } = context;
  const more = settingsPackages(config, roles);
  if (more.length === 0) return context;
  return { ...context, config: { ...config, packages: [...config.packages, ...more] } };
}

/**
 * Checks the packages of an image, dependencies included, against what the configuration wants of it: before anything
 * is installed.
 *
 * @throws Dock0Error when the image could not do its job: no init, no Docker, no network; each with what to add
 */
export function checkNeeds(
  packages: readonly Pick<ResolvedPackage, 'name'>[],
  roles: Roles,
  { config, placeOf, warn }: Pick<BuildContext, 'config' | 'placeOf' | 'warn'>,
): void {
  const names = new Set(packages.map(({ name }) => name));
  const lacks = (role: Role): boolean => roles[role]?.some((name) => names.has(name)) === false;
  const add = (role: Role): string => roles[role]?.[0] ?? '';
  const { init, docker, network, kernel, root, volumes } = config;
  if (init === 'auto') {
    const missing: string[] = [];
    const brings = (...files: string[]): boolean => broughtBy(config, files);
    if (lacks('init') && !brings('sbin/init', 'usr/sbin/init'))
      missing.push(
        `nothing starts this system: add ${add('init')}, or \`include: default\`, which has all that a Docker host needs; \`init: none\` is for a root that is never booted`,
      );
    if (docker.enabled && lacks('docker') && !brings('usr/bin/dockerd', 'usr/local/bin/dockerd'))
      missing.push(`no package has Docker: add ${add('docker')}, or set docker.enabled: false`);
    const services = [docker.enabled ? 'docker.enabled' : '', network.dhcp ? 'network.dhcp' : ''].filter(
      Boolean,
    );
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
  if (root.ssh_keys.length > 0 && lacks('ssh'))
    warn(
      `${placeOf(['root', 'ssh_keys'])}: has no effect: no package brings an SSH server; add ${add('ssh')}`,
    );
  for (const [name, { type }] of Object.entries(volumes)) {
    if (type !== 'ext4' && lacks(type))
      warn(
        `${placeOf(['volumes', name, 'type'])}: no package can check or grow ${type} file systems; add ${add(type)}`,
      );
  }
}

/** Whether an overlay or a template folder has one of these files. */
function broughtBy({ overlay, templates }: Config, files: readonly string[]): boolean {
  return [...overlay, ...templates].some((folder) => files.some((file) => existsSync(join(folder, file))));
}

import { existsSync, readdirSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Notes } from '../config/platform';
import type { Wrong } from '../config/problems';
import { NOT_KEPT } from '../config/rules/system';
import type { Config } from '../config/schema';
import { findTool } from '../system/find-tool';
import { interpreterProblem } from '../system/interpreter';
import { firstFile } from './first-file';

type Folders = 'overlay' | 'templates' | 'scripts';

/**
 * Checks what the folders of a configuration hold against what becomes of it.
 *
 * @param own folders that builds write to: none of them may be in an overlay
 */
export function checkFolders(
  config: Config,
  wrong: Wrong,
  { warn }: Pick<Notes, 'warn'>,
  own: readonly string[],
): void {
  const each = (keys: readonly Folders[], check: (folder: string, key: string[]) => void): void => {
    for (const key of keys)
      for (const [at, folder] of config[key].entries()) check(folder, [key, String(at)]);
  };
  each(['overlay', 'templates', 'scripts'], (folder, key) => {
    const inside = own.find((path) => path === folder || path.startsWith(`${folder === '/' ? '' : folder}/`));
    if (inside !== undefined)
      wrong(
        key,
        `expected a folder without the build's own, found ${shown(folder)}: ${shown(inside)} is in it`,
      );
  });
  each(['overlay', 'templates'], (folder, key) => {
    const lost = [...NOT_KEPT, '/var/run', '/var/lock'].flatMap(
      (path) => firstFile(join(folder, path)) ?? [],
    );
    for (const path of lost)
      warn(
        key,
        `${shown(path)} has no effect: the machine finds ${inImage(folder, path)} empty, or not at all`,
      );
  });
  each(['scripts'], (folder, key) => checkScripts(folder, key, wrong));
  for (const [at, command] of config.commands.host.entries()) {
    const [program = ''] = typeof command === 'string' ? ['sh'] : command;
    if (findTool(program) === undefined)
      wrong(
        ['commands', 'host', String(at)],
        `expected a command of this machine, found ${JSON.stringify(program)}: there is none`,
      );
  }
  const { dhcp, interfaces } = config.network;
  if (!dhcp && Object.keys(interfaces).length === 0 && !configuresNetwork(config))
    warn(
      ['network', 'dhcp'],
      'the machine has no network: no file of an overlay, such as etc/systemd/network/10-lan.network, configures one',
    );
  else if (!dhcp && !Object.values(interfaces).some(hasAddress) && !configuresNetwork(config))
    warn(
      ['network', 'interfaces'],
      'the machine gets no address: none of them has `addresses` or `dhcp: true`, and network.dhcp is false',
    );
}

function hasAddress({ dhcp, addresses }: Config['network']['interfaces'][string]): boolean {
  return dhcp || addresses.length > 0;
}

/** Scripts are started as programs. */
function checkScripts(folder: string, key: readonly string[], wrong: Wrong): void {
  for (const name of readdirSync(folder).sort()) {
    const script = join(folder, name);
    const stat = statSync(script, { throwIfNoEntry: false });
    if (name.startsWith('.') || stat?.isDirectory()) continue;
    const problem =
      stat === undefined
        ? 'it is a link to nothing'
        : (stat.mode & 0o111) === 0
          ? `it is not executable (chmod +x), and belongs elsewhere if it is no script`
          : interpreterProblem(script);
    if (problem !== undefined) wrong(key, `${shown(script)} cannot be run: ${problem}`);
  }
}

/** The folder of NOT_KEPT that a path is in, as the machine sees it. */
function inImage(folder: string, path: string): string {
  const names = relative(folder, path).split('/');
  return `/${names.slice(0, names[0] === 'var' ? 2 : 1).join('/')}`;
}

const NETWORK_FILES = [
  'etc/systemd/network',
  'usr/lib/systemd/network',
  'etc/network/interfaces',
  'etc/NetworkManager',
  'etc/netplan',
  'etc/netctl',
];
const NETWORK_PACKAGES = /^(ifupdown|network-?manager|netplan|connman|dhcpcd|isc-dhcp-client|netctl)/;

function configuresNetwork({ overlay, templates, scripts, commands, packages }: Config): boolean {
  return (
    scripts.length + commands.chroot.length + commands.host.length > 0 ||
    packages.some((name) => NETWORK_PACKAGES.test(name)) ||
    [...overlay, ...templates].some((folder) => NETWORK_FILES.some((file) => existsSync(join(folder, file))))
  );
}

function shown(path: string): string {
  return relative(process.cwd(), path) || path;
}

import { isOpen, openPorts } from '../config/firewall';
import { isMatch } from '../config/rules/interfaces';
import type { Config } from '../config/schema';
import { distributionOf } from '../distributions';
import { cardName } from './cards';
import type { Row } from './verify-report';

/** What verify checks of the network. */
export interface Promised {
  rows: Row[];
  /** A line for each interface: row, name or mac:, whether DHCP answers, addresses, gateways; separated by tabs. */
  interfaces: string;
  /** The accounts that keys of the run let in. */
  accounts: string[];
  /** Ports of the machine that are tried from outside, and whether they have to answer. */
  ports: TriedPort[];
}

/** A port that is tried from outside. */
export interface TriedPort {
  row: string;
  port: number;
  open: boolean;
}

type Settings = Pick<
  Config,
  'verify' | 'network' | 'firewall' | 'docker' | 'root' | 'users' | 'distribution'
>;

/** The port that the first boot publishes a server on, in hooks/vm/containers. */
export const PUBLISHED = 8042;
const SSH = 22;
const NO_LOGIN = /\/(nologin|false)$/;

/**
 * What a configuration promises of the network, as far as the machine of verify has one.
 *
 * @param packages the names of the packages of the release
 */
export async function promisedOf(config: Settings, packages: readonly string[]): Promise<Promised> {
  const { packagesFor } = await distributionOf(config);
  const has = (purpose: 'resolver' | 'ssh'): boolean =>
    packagesFor[purpose]?.some((name) => packages.includes(name)) ?? false;
  const networked = config.verify.network === 'user';
  const interfaces = networked ? Object.entries(config.network.interfaces) : [];
  const accounts = networked && has('ssh') && isOpen(config, SSH) ? accountsOf(config) : [];
  const ports = networked ? portsOf(config) : [];
  const resolver = config.docker.enabled && has('resolver') && config.docker.daemon.dns === undefined;
  return {
    rows: [
      ...interfaces.map(([name]) => ({
        name: `interface:${name}`,
        title: `network.interfaces.${name} has what it is to have`,
      })),
      ...(resolver ? [{ name: 'resolver', title: "the machine's resolver answers containers" }] : []),
      ...ports.map(({ row }) => ({
        name: row,
        title: TITLES[row] as string,
        ...(row === 'firewall-published' ? { boot: 1 as const } : {}),
      })),
      ...accounts.map((name) => ({ name: `login:${name}`, title: `${name} can log in over SSH` })),
    ],
    interfaces: interfaces.map(([name]) => `${lineOf(name, config)}\n`).join(''),
    accounts,
    ports,
  };
}

const TITLES: Readonly<Record<string, string>> = {
  'firewall-open': 'the firewall lets an allowed port through',
  'firewall-closed': 'the firewall refuses a port that is not allowed',
  'firewall-published': 'the firewall decides about a published port',
};

function accountsOf({ root, users }: Settings): string[] {
  return [
    ...(root.ssh_keys.length > 0 ? ['root'] : []),
    ...Object.entries(users).flatMap(([name, { ssh_keys: keys, shell }]) =>
      keys.length > 0 && !NO_LOGIN.test(shell ?? '') ? [name] : [],
    ),
  ];
}

function portsOf(config: Settings): TriedPort[] {
  if (config.firewall === undefined) return [];
  const allowed = config.firewall.allow
    .map(openPorts)
    .find(({ protocol, from }) => protocol === 'tcp' && from.length === 0)?.first;
  const tcp = config.firewall.allow.map(openPorts).filter(({ protocol }) => protocol === 'tcp');
  let closed = PUBLISHED - 1;
  while (closed > 1024 && tcp.some(({ first, last }) => first <= closed && closed <= last)) closed--;
  return [
    ...(allowed === undefined || allowed === PUBLISHED
      ? []
      : [{ row: 'firewall-open', port: allowed, open: true }]),
    ...(closed > 1024 ? [{ row: 'firewall-closed', port: closed, open: false }] : []),
    ...(config.docker.enabled
      ? [{ row: 'firewall-published', port: PUBLISHED, open: isOpen(config, PUBLISHED) }]
      : []),
  ];
}

function lineOf(name: string, config: Settings): string {
  const { interfaces } = config.network;
  const item = interfaces[name] as (typeof interfaces)[string];
  const where = name.startsWith('mac:')
    ? name.toLowerCase()
    : isMatch(name)
      ? cardName(name, interfaces)
      : name;
  const dhcp = item.dhcp && answersDhcp(name, interfaces) ? 'yes' : 'no';
  const plain = (text: string): string => {
    const [address = '', prefix] = text.split('/');
    const short = address.includes(':') ? new URL(`http://[${address}]/`).hostname.slice(1, -1) : address;
    return prefix === undefined ? short : `${short}/${prefix}`;
  };
  const list = (texts: readonly string[]): string => texts.map(plain).join(' ') || '-';
  return [`interface:${name}`, where, dhcp, list(item.addresses), list(item.gateway)].join('\t');
}

/** QEMU's DHCP server is in no VLAN. */
function answersDhcp(name: string, interfaces: Settings['network']['interfaces']): boolean {
  const { vlan, bond, bridge } = interfaces[name] ?? {};
  if (vlan !== undefined) return false;
  const parts = bond?.members ?? bridge?.ports;
  return parts === undefined || parts.some((part) => answersDhcp(part, interfaces));
}

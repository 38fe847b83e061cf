import { parseAddress } from '../config/address';
import type { Config } from '../config/schema';
import { type Placed, textFile } from './tree';

type Network = Config['network'];
type Interface = Network['interfaces'][string];

const FOLDER = 'etc/systemd/network';

/** The files that tell systemd-networkd of the interfaces (systemd.network(5), systemd.netdev(5)). */
export function networkFiles({ dhcp, interfaces }: Network): Placed[] {
  return [
    ...Object.entries(interfaces).flatMap(([name, item]) => interfaceFiles(name, item, interfaces)),
    ...(dhcp ? [textFile(`${FOLDER}/80-dock0-dhcp.network`, DHCP)] : []),
  ];
}

function interfaceFiles(name: string, item: Interface, all: Network['interfaces']): Placed[] {
  const device = deviceOf(name, item);
  const file = `${FOLDER}/${orderOf(name)}-dock0-${fileName(name)}`;
  return [
    textFile(`${file}.network`, sections(networkSections(name, item, all))),
    ...(device === undefined ? [] : [textFile(`${file}.netdev`, sections(device))]),
  ];
}

/** The first file that matches an interface counts: names and hardware addresses before patterns, long patterns before short ones. */
function orderOf(name: string): string {
  return /[*?]/.test(name) ? String(75 - name.replace(/[*?]/g, '').length) : '40';
}

/** A name for a file that no shell takes for a pattern. */
function fileName(name: string): string {
  return name.replaceAll(':', '-').replaceAll('*', '+').replaceAll('?', '=');
}

type Section = readonly [name: string, lines: readonly string[]];

function networkSections(name: string, item: Interface, all: Network['interfaces']): Section[] {
  const { dhcp, addresses, gateway, dns, routes, mtu, vlan, bond, bridge } = item;
  const made = vlan !== undefined || bond !== undefined || bridge !== undefined;
  const owner = ownerOf(name, all);
  const vlans = Object.entries(all).flatMap(([each, { vlan: of }]) => (of?.on === name ? [each] : []));
  return [
    ['Match', matchOf(name, made)],
    ['Link', mtu === undefined ? [] : [`MTUBytes=${mtu}`]],
    [
      'Network',
      [
        `DHCP=${dhcp ? 'yes' : 'no'}`,
        // Nothing is ever plugged into a bridge without ports but containers and virtual machines.
        ...(bridge?.ports.length === 0 ? ['ConfigureWithoutCarrier=yes'] : []),
        ...(owner === undefined ? [] : [`${owner.kind}=${owner.name}`, 'LinkLocalAddressing=no']),
        ...vlans.map((each) => `VLAN=${each}`),
        ...addresses.map((address) => `Address=${address}`),
        ...dns.map((server) => `DNS=${server}`),
      ],
    ],
    ...gateway.map((way): Section => ['Route', [`Gateway=${way}`, ...onLink(way), `Metric=${STATED}`]]),
    ...routes.map(({ to, via }): Section => ['Route', [`Destination=${to}`, `Gateway=${via}`]]),
    ...(dhcp ? [CLIENT] : []),
  ];
}

/** What is stated wins over what DHCP and routers tell, which networkd gives 1024 (systemd.network(5), RouteMetric=). */
const STATED = 512;

/** A router that is known by its link-local address is on the link, whatever the addresses say. */
function onLink(way: string): string[] {
  return parseAddress(way)?.family === 6 && /^fe[89ab]/i.test(way) ? ['GatewayOnLink=yes'] : [];
}

/** Interfaces that are made of others have hardware addresses of those, and names that a pattern may match. */
function matchOf(name: string, made: boolean): string[] {
  if (name.startsWith('mac:')) return [`MACAddress=${name.slice('mac:'.length)}`, ...WIRED];
  return /[*?]/.test(name) && !made ? [`Name=${name}`, ...WIRED] : [`Name=${name}`];
}

function ownerOf(name: string, all: Network['interfaces']): { kind: string; name: string } | undefined {
  for (const [each, { bond, bridge }] of Object.entries(all)) {
    if (bond?.members.includes(name)) return { kind: 'Bond', name: each };
    if (bridge?.ports.includes(name)) return { kind: 'Bridge', name: each };
  }
  return undefined;
}

function deviceOf(name: string, { vlan, bond, bridge }: Interface): Section[] | undefined {
  const device = (kind: string, ...more: Section[]): Section[] => [
    ['NetDev', [`Name=${name}`, `Kind=${kind}`]],
    ...more,
  ];
  if (vlan !== undefined) return device('vlan', ['VLAN', [`Id=${vlan.id}`]]);
  if (bond !== undefined) return device('bond', ['Bond', [`Mode=${bond.mode}`, 'MIIMonitorSec=100ms']]);
  return bridge === undefined ? undefined : device('bridge');
}

function sections(all: readonly Section[]): string {
  return all
    .filter(([, lines]) => lines.length > 0)
    .map(([name, lines]) => `[${name}]\n${lines.map((line) => `${line}\n`).join('')}`)
    .join('\n');
}

/** Cards, not the host's ends of containers' veth pairs. */
const WIRED = ['Type=ether', 'Kind=!*'];

/** A server gives the same address to the same card, whatever machine-id this boot has. */
const CLIENT: Section = ['DHCPv4', ['ClientIdentifier=mac']];

const DHCP = sections([['Match', WIRED], ['Network', ['DHCP=yes']], CLIENT]);

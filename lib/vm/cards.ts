import { type Address, isIn, networkOf, parseWithPrefix, textOf } from '../config/address';
import type { Config } from '../config/schema';
import type { RunFiles } from './initrd';

/** A network card of a virtual machine, in a network of its own with this machine. */
export interface VmCard {
  /** Its hardware address; default: QEMU's. */
  mac?: string;
  /** The network, of 256 addresses: its first three numbers. This machine is number 2 in it, DHCP gives number 15. */
  net: string;
  /** Nothing but DHCP is there. */
  closed?: boolean;
}

/** The cards of a machine, and what its root has to know of them. */
export interface Cards {
  cards: VmCard[];
  /** Files for /run: they give the cards their names, and an address to the one of the checks. */
  files: RunFiles;
  /** The name of the card that leads to this machine, where it has one of ours. */
  name: string | undefined;
  /** This machine's address, as the guest sees it, and the guest's. */
  host: string;
  guest: string;
}

/** The first numbers of QEMU's own network (`-netdev user`). */
const PLAIN = '10.0.2';
const OURS = 'dock0test';

/**
 * The cards that a machine needs to be what its configuration says: one for each card that network.interfaces has, by the name,
 * the hardware address or the pattern that it has there; and one that leads to this machine. Without interfaces it is one card.
 */
export function cardsOf({ verify, network }: Pick<Config, 'verify' | 'network'>): Cards {
  const names = cardNames(network.interfaces);
  const ends = (net: string) => ({ host: `${net}.2`, guest: `${net}.15` });
  if (verify.network === 'none') return { cards: [], files: {}, name: undefined, ...ends(PLAIN) };
  if (names.length === 0) return { cards: [{ net: PLAIN }], files: {}, name: undefined, ...ends(PLAIN) };
  const nets = freeNets(network.interfaces, names.length + 1);
  const [mine = PLAIN, ...others] = nets;
  const files: RunFiles = {
    [`systemd/network/00-${OURS}.network`]: {
      text: `[Match]\nName=${OURS}\n\n[Link]\nRequiredForOnline=no\n\n[Network]\nAddress=${mine}.15/24\nIPv6AcceptRA=no\n`,
    },
  };
  const cards = names.map((name, at): VmCard => {
    const net = others[at] as string;
    if (name.startsWith('mac:')) return { mac: name.slice('mac:'.length), net, closed: true };
    const mac = `${PREFIX}${(at + 1).toString(16).padStart(2, '0')}`;
    Object.assign(files, linkFile(at, mac, cardName(name, network.interfaces)));
    return { mac, net, closed: true };
  });
  const own = `${PREFIX}00`;
  Object.assign(files, linkFile(cards.length, own, OURS));
  return { cards: [...cards, { mac: own, net: mine }], files, name: OURS, ...ends(mine) };
}

/** Locally administered addresses. */
const PREFIX = '52:54:00:d0:c0:';

/** Those of the interfaces that are no other's making; eth0, eth1, … first, as the kernel numbers cards. */
function cardNames(interfaces: Config['network']['interfaces']): string[] {
  return Object.entries(interfaces)
    .filter(([, { vlan, bond, bridge }]) => vlan === undefined && bond === undefined && bridge === undefined)
    .map(([name]) => name)
    .sort((a, b) => numberOf(a) - numberOf(b));
}

function numberOf(name: string): number {
  return Number(/^eth(\d+)$/.exec(name)?.[1] ?? 100);
}

/** A name that a pattern matches, and that no other interface has. */
export function cardName(pattern: string, interfaces: Config['network']['interfaces']): string {
  if (!/[*?]/.test(pattern)) return pattern;
  for (let digit = 0; ; digit++) {
    const name = pattern
      .replace('*', `v${digit}`)
      .replaceAll('*', '')
      .replaceAll('?', String(digit % 10));
    if (!Object.hasOwn(interfaces, name)) return name;
  }
}

function linkFile(at: number, mac: string, name: string): RunFiles {
  return {
    [`systemd/network/00-dock0-card${at}.link`]: {
      text: `[Match]\nMACAddress=${mac}\nType=ether\n\n[Link]\nNamePolicy=\nName=${name}\n`,
    },
  };
}

/** Networks that none of the configuration's addresses and routes is in. */
function freeNets(interfaces: Config['network']['interfaces'], count: number): string[] {
  const used = Object.values(interfaces)
    .flatMap(({ addresses, routes }) => [...addresses, ...routes.map(({ to }) => to)])
    .flatMap((text) => parseWithPrefix(text) ?? []);
  const nets: string[] = [];
  for (const first of ['10.213', '172.31', '192.168'])
    for (let number = 77; number < 256 && nets.length < count; number++) {
      const net = parseWithPrefix(`${first}.${number}.0/24`) as Address;
      if (used.some((other) => isIn(other, net) || isIn(net, other))) continue;
      nets.push(textOf({ ...net, value: networkOf(net) }).replace(/\.0$/, ''));
    }
  return nets;
}

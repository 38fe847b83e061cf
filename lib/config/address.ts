import { isIP } from 'node:net';

/** The protocol of an address. */
export type Family = 4 | 6;

/** An address, and how much of it is the network's. */
export interface Address {
  family: Family;
  value: bigint;
  /** The length of the prefix; that of the whole address where none is stated. */
  prefix: number;
}

/**
 * Where containers ask for names: an address of the machine's own that no network has. systemd-resolved answers there with what
 * it knows at that moment, so a container needs no new resolv.conf when the machine's name servers change.
 */
export const RESOLVER = '169.254.53.53';

const BITS = { 4: 32, 6: 128 } as const;

/** Reads `192.0.2.1` or `2001:db8::1`; undefined for anything else, such as an address with a zone. */
export function parseAddress(text: string): Address | undefined {
  const family = isIP(text);
  if ((family !== 4 && family !== 6) || text.includes('%')) return undefined;
  return { family, value: family === 4 ? valueOf4(text) : valueOf6(text), prefix: BITS[family] };
}

/** Reads `192.0.2.1/24`; undefined for anything else, such as an address without a prefix. */
export function parseWithPrefix(text: string): Address | undefined {
  const [, stated = '', digits = ''] = /^([^/]+)\/(\d{1,3})$/.exec(text) ?? [];
  const address = parseAddress(stated);
  const prefix = Number(digits);
  if (address === undefined || prefix > BITS[address.family]) return undefined;
  return { ...address, prefix };
}

/** The first address of an address's network. */
export function networkOf({ family, value, prefix }: Address): bigint {
  const rest = BigInt(BITS[family] - prefix);
  return (value >> rest) << rest;
}

/** The last address of an address's network: in IPv4 the broadcast. */
export function lastOf(address: Address): bigint {
  return networkOf(address) + (1n << BigInt(BITS[address.family] - address.prefix)) - 1n;
}

/** Whether an address is in a network. */
export function isIn(network: Address, { family, value }: Address): boolean {
  return (
    network.family === family && networkOf(network) === networkOf({ family, value, prefix: network.prefix })
  );
}

/** An IPv4 address in its usual form; an IPv6 one in hexadecimal groups, without `::`. */
export function textOf({ family, value }: Pick<Address, 'family' | 'value'>): string {
  const width = family === 4 ? 8n : 16n;
  const count = family === 4 ? 4 : 8;
  const parts = Array.from({ length: count }, (_, at) =>
    ((value >> (width * BigInt(count - 1 - at))) & ((1n << width) - 1n)).toString(family === 4 ? 10 : 16),
  );
  return parts.join(family === 4 ? '.' : ':');
}

/** What addresses of the machine itself stand for. */
export const LOOPBACK = 'the machine itself';

const SPECIAL = {
  '0.0.0.0/8': 'this network',
  '127.0.0.0/8': LOOPBACK,
  '224.0.0.0/4': 'a group of machines (multicast)',
  '240.0.0.0/4': 'no machine',
  '::/128': 'no machine',
  '::1/128': LOOPBACK,
  'ff00::/8': 'a group of machines (multicast)',
};
const LINK_LOCAL = ['fe80::/10', '169.254.0.0/16'];

/** What an address stands for where it is no machine's; undefined for one that a machine can have. */
export function special(address: Address): string | undefined {
  return Object.entries(SPECIAL).find(([network]) => isWithin(network, address))?.[1];
}

/** Whether an address is known on one link only (RFC 4291, section 2.5.6; RFC 3927). */
export function isLinkLocal(address: Address): boolean {
  return LINK_LOCAL.some((network) => isWithin(network, address));
}

function isWithin(stated: string, address: Address): boolean {
  const network = parseWithPrefix(stated);
  return network !== undefined && isIn(network, address);
}

function valueOf4(text: string): bigint {
  return text.split('.').reduce((value, part) => value * 256n + BigInt(part), 0n);
}

function valueOf6(stated: string): bigint {
  // The last two groups may be an IPv4 address (RFC 4291, section 2.2).
  const text = stated.replace(/[\d.]+\.\d+$/, (last) => {
    const value = valueOf4(last);
    return `${(value >> 16n).toString(16)}:${(value & 0xffffn).toString(16)}`;
  });
  const [before = '', after] = text.split('::');
  const groups = (part: string | undefined): string[] => (part ? part.split(':') : []);
  const zeros = 8 - groups(before).length - groups(after).length;
  return [...groups(before), ...Array.from({ length: zeros }, () => '0'), ...groups(after)].reduce(
    (value, group) => value * 65_536n + BigInt(`0x${group}`),
    0n,
  );
}

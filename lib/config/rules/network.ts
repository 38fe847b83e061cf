import {
  type Address,
  isIn,
  isLinkLocal,
  LOOPBACK,
  lastOf,
  networkOf,
  parseAddress,
  parseWithPrefix,
  RESOLVER,
  special,
  textOf,
} from '../address';
import { IPV6_MTU } from '../limits';
import { checkInterfaces, type Interface, PARTS } from './interfaces';
import type { Checked } from './rule';

/** Checks the interfaces of the machine, and where they lead. */
export function checkNetwork(checked: Checked): void {
  checkInterfaces(checked);
  const addresses = new Map<string, string>();
  const gateways = new Map<number, string>();
  for (const [name, item] of Object.entries(checked.config.network.interfaces)) {
    const own = checkAddresses(name, item, addresses, checked);
    checkGateways(name, item, own, gateways, checked);
    checkRoutes(name, item, own, checked);
    checkMtu(name, item, own, checked);
    for (const [at, server] of item.dns.entries()) {
      const what = parseAddress(server);
      const keys = ['network', 'interfaces', name, 'dns', ...(item.dns.length > 1 ? [String(at)] : [])];
      const unfit = what && (special(what) === LOOPBACK ? undefined : special(what));
      if (what === undefined)
        checked.wrong(
          keys,
          `expected an address such as 192.0.2.1 or 2001:db8::1, found ${JSON.stringify(server)}`,
        );
      else if (OWN_RESOLVER.includes(server) || unfit !== undefined)
        checked.wrong(
          keys,
          `expected the address of a name server, found ${JSON.stringify(server)}, which is ${unfit ?? OWN}`,
        );
    }
  }
}

/** Where systemd-resolved itself listens (systemd-resolved.service(8)), and where containers reach it. */
const OWN_RESOLVER = ['127.0.0.53', '127.0.0.54', RESOLVER];
const OWN = "the machine's own resolver";

/** @returns the addresses that are right */
function checkAddresses(
  name: string,
  item: Interface,
  known: Map<string, string>,
  { wrong }: Checked,
): Address[] {
  return item.addresses.flatMap((text, at) => {
    const keys = ['network', 'interfaces', name, 'addresses', String(at)];
    const shown = JSON.stringify(text);
    const address = parseWithPrefix(text);
    if (address === undefined) {
      const bare = parseAddress(text);
      const example = bare === undefined ? '192.0.2.7/24' : `${text}/${bare.family === 4 ? 24 : 64}`;
      wrong(keys, `expected an address with its prefix, such as ${example}, found ${shown}`);
      return [];
    }
    const { family, value, prefix } = address;
    const what = special(address);
    const end = endOf(address);
    const id = `${family} ${value}`;
    const twin = known.get(id);
    if (what !== undefined)
      wrong(keys, `expected the address of a machine, found ${shown}, which is ${what}`);
    else if (OWN_RESOLVER.includes(textOf(address)))
      wrong(keys, `expected the address of a machine, found ${shown}, which is ${OWN}`);
    else if (prefix === 0)
      wrong(keys, `expected a prefix of 1 at least, found ${shown}: all addresses would be near by`);
    else if (end !== undefined)
      wrong(keys, `expected the address of a machine, found ${shown}, which is ${end}`);
    else if (twin !== undefined)
      wrong(
        keys,
        `expected each address once, found ${shown}${twin === name ? ' twice' : `, which network.interfaces.${twin} has too`}`,
      );
    known.set(id, name);
    return [address];
  });
}

function checkGateways(
  name: string,
  item: Interface,
  own: readonly Address[],
  known: Map<number, string>,
  checked: Checked,
): void {
  for (const [at, text] of item.gateway.entries()) {
    const keys = ['network', 'interfaces', name, 'gateway', ...(item.gateway.length > 1 ? [String(at)] : [])];
    const gateway = parseAddress(text);
    if (gateway === undefined) {
      checked.wrong(
        keys,
        `expected an address without a prefix, such as 192.0.2.1, found ${JSON.stringify(text)}`,
      );
      continue;
    }
    const { family } = gateway;
    const twin = known.get(family);
    if (twin !== undefined)
      checked.wrong(
        keys,
        `expected one gateway for IPv${family}, found a second one${twin === name ? '' : `: network.interfaces.${twin} has one too`}`,
      );
    known.set(family, name);
    checkReach(gateway, text, keys, own, checked);
  }
}

function checkRoutes(name: string, item: Interface, own: readonly Address[], checked: Checked): void {
  for (const [at, { to, via }] of item.routes.entries()) {
    const keys = ['network', 'interfaces', name, 'routes', String(at)];
    const network = parseWithPrefix(to);
    const router = parseAddress(via);
    const same = (other: ReturnType<typeof parseWithPrefix>): boolean =>
      other !== undefined &&
      other.family === network?.family &&
      other.prefix === network.prefix &&
      other.value === network.value;
    const first = item.routes.findIndex((other) => same(parseWithPrefix(other.to)));
    if (first !== -1 && first < at)
      checked.wrong([...keys, 'to'], `expected a network of its own, found ${to}, which routes.${first} has`);
    else if (network === undefined)
      checked.wrong(
        [...keys, 'to'],
        `expected a network such as 198.51.100.0/24, found ${JSON.stringify(to)}`,
      );
    else if (network.prefix === 0)
      checked.wrong([...keys, 'to'], 'expected a network, found all of them: that is `gateway`');
    else if (network.value !== networkOf(network))
      checked.wrong(
        [...keys, 'to'],
        `expected a network such as ${textOf({ ...network, value: networkOf(network) })}/${network.prefix}, found the address ${JSON.stringify(to)}`,
      );
    if (router === undefined)
      checked.wrong([...keys, 'via'], `expected an address such as 192.0.2.1, found ${JSON.stringify(via)}`);
    else if (network !== undefined && network.family !== router.family)
      checked.wrong(
        [...keys, 'via'],
        `expected an IPv${network.family} address, as \`to\` is, found ${JSON.stringify(via)}`,
      );
    else if (!item.dhcp) checkReach(router, via, [...keys, 'via'], own, checked);
  }
}

/** A router has to be on the same link. */
function checkReach(
  router: Address,
  text: string,
  keys: readonly string[],
  own: readonly Address[],
  { wrong }: Checked,
): void {
  const shown = JSON.stringify(text);
  const what = special(router);
  const near = own.find((address) => isIn(address, router));
  const end = near === undefined ? undefined : endOf({ ...router, prefix: near.prefix });
  if (what !== undefined) wrong(keys, `expected the address of a router, found ${shown}, which is ${what}`);
  else if (own.some(({ family, value }) => family === router.family && value === router.value))
    wrong(keys, `expected the address of another machine, found ${shown}, which is the interface's own`);
  else if (end !== undefined)
    wrong(keys, `expected the address of a router, found ${shown}, which is ${end}`);
  else if (!(isLinkLocal(router) && router.family === 6) && near === undefined)
    wrong(keys, `expected an address in reach of one of \`addresses\`, found ${shown}`);
}

/** What the first and the last address of a network are in IPv4, unless it connects two machines only (RFC 3021). */
function endOf(address: Address): string | undefined {
  if (address.family !== 4 || address.prefix >= 31) return undefined;
  if (address.value === networkOf(address)) return "the network's own";
  return address.value === lastOf(address) ? "the network's broadcast" : undefined;
}

function checkMtu(name: string, item: Interface, own: readonly Address[], { config, wrong }: Checked): void {
  const { mtu } = item;
  if (mtu === undefined) return;
  const keys = ['network', 'interfaces', name, 'mtu'];
  if (mtu < IPV6_MTU && own.some(({ family }) => family === 6))
    wrong(keys, `expected ${IPV6_MTU} at least, which IPv6 needs, found the number ${mtu}`);
  for (const [, part] of PARTS(item)) {
    const most = config.network.interfaces[part]?.mtu;
    if (most === undefined || mtu <= most) continue;
    wrong(keys, `expected ${most} at most, the mtu of ${part}, found the number ${mtu}`);
    return;
  }
}

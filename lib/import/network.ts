import { isIn, isLinkLocal, parseAddress, parseWithPrefix } from '../config/address';
import { type Keys, keysOf, type Mapped, textsOf, type Value } from './stack';

/** Wired cards by the names that they have had over the years: eth0, ens3, enp1s0. */
const CARDS = 'e*';

/** Maps `networking` of dock0: addresses and gateways of a machine's card. */
export function mapNetworking(networking: Value | undefined): Mapped {
  const { ipv4_addrs: four, ipv6_addrs: six, ipv4_gateway: way4, ipv6_gateway: way6 } = keysOf(networking);
  const notes: string[] = [];
  const right = (key: string, texts: readonly string[], fits: (text: string) => boolean): string[] =>
    texts.filter((text) => {
      if (fits(text)) return true;
      notes.push(
        `networking.${key}: not carried over: ${JSON.stringify(text)}; set network.interfaces yourself`,
      );
      return false;
    });
  const addressed = (text: string): boolean => parseWithPrefix(text) !== undefined;
  const addresses = [
    ...new Set([
      ...right('ipv4_addrs', textsOf(four), addressed),
      ...right('ipv6_addrs', textsOf(six), addressed),
    ]),
  ];
  const reached = (text: string): boolean => {
    const way = parseAddress(text);
    if (way === undefined) return false;
    if (way.family === 6 && isLinkLocal(way)) return true;
    return addresses.some((address) => {
      const own = parseWithPrefix(address);
      return own !== undefined && isIn(own, way) && own.value !== way.value;
    });
  };
  const gateway = [
    ...right('ipv4_gateway', textsOf(way4), reached),
    ...right('ipv6_gateway', textsOf(way6), reached),
  ];
  if (addresses.length === 0)
    return {
      keys: {},
      notes: [...notes, 'networking: no addresses: DHCP; in vars.networking for templates'],
    };
  const card: Keys = { addresses, ...(gateway.length === 0 ? {} : { gateway }) };
  return {
    keys: { network: { dhcp: false, interfaces: { [CARDS]: card } } },
    notes: [
      ...notes,
      `networking: network.interfaces.${CARDS}, every wired card: name the one, if there are several; in vars.networking for templates`,
    ],
  };
}

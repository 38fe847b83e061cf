import { parseAddress, textOf } from './address';

/** A published port, or a range of them. */
export interface Port {
  /** The address of the machine, in one way to write it; undefined: all. */
  address: string | undefined;
  protocol: string;
  /** First and last port of the machine. */
  from: number;
  to: number;
}

const PORT =
  /^(?:(\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-fA-F:.]+\]):)?(\d+)(?:-(\d+))?:(\d+)(?:-(\d+))?(?:\/(tcp|udp|sctp))?$/;

/** Reads `[ADDRESS:]PORT:PORT[/PROTOCOL]`, or ranges in place of the ports; else says what is wrong with it. */
export function readPort(stated: string): Port | { problem: string } {
  const [, address, from, to = from, inside, insideTo = inside, protocol = 'tcp'] = PORT.exec(stated) ?? [];
  if (from === undefined)
    return { problem: 'expected [ADDRESS:]PORT:PORT[/udp], the port of the machine first' };
  const numbers = [from, to, inside, insideTo].map(Number) as [number, number, number, number];
  if (numbers.some((number) => number < 1 || number > 65535))
    return { problem: 'expected ports from 1 to 65535' };
  const [first, last, within, withinLast] = numbers;
  if (last < first || withinLast < within) return { problem: 'expected a range that goes up' };
  if (last - first !== withinLast - within) return { problem: 'expected two ranges of the same length' };
  const read = address === undefined ? undefined : parseAddress(address.replace(/^\[|\]$/g, ''));
  if (address !== undefined && read?.family !== (address.startsWith('[') ? 6 : 4))
    return { problem: 'expected an address such as 127.0.0.1 or [::1]' };
  return { address: read && textOf(read), protocol, from: first, to: last };
}

/** Whether two of them cannot be published on one machine. */
export function collide(one: Port, other: Port): boolean {
  return (
    one.protocol === other.protocol &&
    one.from <= other.to &&
    other.from <= one.to &&
    (isAny(one) || isAny(other) || one.address === other.address)
  );
}

function isAny({ address }: Port): boolean {
  return address === undefined || address === '0.0.0.0' || address === '0:0:0:0:0:0:0:0';
}

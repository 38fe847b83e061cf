import { parseAddress, parseWithPrefix } from './address';
import type { Config } from './schema';

/** An item of firewall.allow. */
export type Allowed = NonNullable<Config['firewall']>['allow'][number];

/** Ports that may be reached. */
export interface OpenPorts {
  protocol: 'tcp' | 'udp';
  first: number;
  last: number;
  /** Networks and addresses; empty: from anywhere. */
  from: readonly string[];
}

/** The protocols with ports that the firewall knows. */
const PROTOCOLS = ['tcp', 'udp'];

/** Reads an item that is right; see `portProblem`. */
export function openPorts(item: Allowed): OpenPorts {
  const { port, from } = itemOf(item);
  const [, first = '', last = first, protocol = 'tcp'] = PORT.exec(String(port)) ?? [];
  return { protocol: protocol as 'tcp' | 'udp', first: Number(first), last: Number(last), from };
}

/** What is wrong with the port of an item, or nothing. */
export function portProblem(item: Allowed): string | undefined {
  const { port } = itemOf(item);
  const shown = typeof port === 'number' ? `the number ${port}` : JSON.stringify(port);
  const [whole, first, last = first, protocol = 'tcp'] = PORT.exec(String(port)) ?? [];
  if (whole === undefined) return `expected a port such as 22, 80/tcp or 8000-8010/udp, found ${shown}`;
  if (!PROTOCOLS.includes(protocol)) return `expected tcp or udp behind the slash, found ${shown}`;
  const [low, high] = [Number(first), Number(last)];
  if (low < 1 || high > 65_535) return `expected a port from 1 to 65535, found ${shown}`;
  if (low > high) return `expected a range that goes up, found ${shown}`;
  return undefined;
}

/** What is wrong with an item of `from`, or nothing. */
export function fromProblem(text: string): string | undefined {
  if (parseAddress(text) !== undefined || parseWithPrefix(text) !== undefined) return undefined;
  return `expected a network such as 192.0.2.0/24, or an address, found ${JSON.stringify(text)}`;
}

/** Whether an open port can be reached over TCP from anywhere. */
export function isOpen(config: Pick<Config, 'firewall'>, port: number): boolean {
  if (config.firewall === undefined) return true;
  return config.firewall.allow
    .map(openPorts)
    .some(
      ({ protocol, first, last, from }) =>
        protocol === 'tcp' && from.length === 0 && first <= port && port <= last,
    );
}

function itemOf(item: Allowed): { port: number | string; from: readonly string[] } {
  return typeof item === 'object' ? item : { port: item, from: [] };
}

const PORT = /^(-?\d+)(?:-(\d+))?(?:\/([^/]*))?$/;

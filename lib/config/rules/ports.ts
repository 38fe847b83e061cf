import { RESOLVER } from '../address';
import { collide, type Port } from '../port';
import type { Config } from '../schema';
import { SSH, SSH_SERVERS } from './firewall';

/** A port of the machine, and the key that publishes it. */
export interface Taken {
  port: Port;
  of: string;
}

/** The port of the SSH server, on all addresses. */
const OF_SSH: Port = { address: undefined, protocol: 'tcp', from: SSH, to: SSH };

/** The ports where systemd-resolved answers programs and containers (systemd-resolved.service(8)). */
const OF_RESOLVER: readonly Port[] = ['127.0.0.53', '127.0.0.54', RESOLVER].flatMap((address) =>
  ['tcp', 'udp'].map((protocol) => ({ address, protocol, from: 53, to: 53 })),
);

/** What is wrong with a port that another one of Docker's has. */
export function takenBy(port: Port, stated: string, taken: readonly Taken[]): string | undefined {
  const other = taken.find((each) => collide(each.port, port));
  if (other === undefined) return undefined;
  return `expected a port of its own, found ${JSON.stringify(stated)}, which ${other.of} has`;
}

/** What is odd about a port that a service of the machine has. */
export function takenByService(port: Port, { packages }: Pick<Config, 'packages'>): string | undefined {
  const isOfResolver = OF_RESOLVER.some((each) => collide(port, each));
  if (packages.includes('systemd-resolved') && isOfResolver)
    return 'systemd-resolved has port 53 of some addresses of the machine, so the container does not start; name an address of a network card in front of the port';
  const server = packages.find((name) => SSH_SERVERS.test(name));
  if (server === undefined || !collide(port, OF_SSH)) return undefined;
  return `${server} has port ${SSH} of the machine, so the container does not start, unless a configuration of your own gives the server another`;
}

import { INTERFACE_NAME } from '../limits';
import {
  choice,
  either,
  fields,
  key,
  list,
  map,
  required,
  section,
  text,
  treated,
  whole,
  yesNo,
} from './kinds';

/** How the machine is connected, and what may reach it. */

const name = () => text(`a name of at most ${INTERFACE_NAME} letters, such as eth0`);
const address = () => text('an address such as 192.0.2.1 or 2001:db8::1');
const several = (expected: string) => treated(list(address(), expected), { one: [] });

/** What `allow` has in it. */
const PORT = 'a port such as 22, 80/tcp, 8000-8010/udp or {port: 22, from: 192.0.2.0/24}';
const port = () => either(PORT, whole(PORT, Number.MIN_SAFE_INTEGER), text(PORT));

export const network = {
  network: section('Network of the image', {
    dhcp: key(
      yesNo(),
      'DHCP on every wired interface that `interfaces` does not have, by systemd-networkd; where false, files of your own in etc/systemd/network configure the others',
      true,
    ),
    interfaces: key(
      map(
        text(
          'an interface such as eth0, a pattern such as en*, or mac: and its hardware address',
          /^(mac:[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){5}|[A-Za-z0-9*?_.-]+)$/,
        ),
        fields({
          dhcp: key(yesNo(), 'whether it gets addresses by DHCP', false),
          addresses: key(
            list(text('an address with its prefix, such as 192.0.2.7/24'), 'a list of addresses'),
            'its addresses, each with the length of its prefix',
            [],
          ),
          gateway: key(
            several('an address, or one for IPv4 and one for IPv6'),
            'the way to all that is not near by: an address, or one for IPv4 and one for IPv6',
            [],
          ),
          dns: key(several('an address or a list of addresses'), 'name servers, asked in order', []),
          routes: key(
            list(
              fields({
                to: required(text('a network such as 198.51.100.0/24'), 'the network'),
                via: required(address(), 'the router that leads to it'),
              }),
              'a list of routes',
            ),
            'ways to further networks',
            [],
          ),
          mtu: key(
            whole('bytes, 68 to 65535', 68, 65_535),
            "the longest packet, in bytes; default: the interface's own",
          ),
          vlan: key(
            fields({
              id: required(whole('a number of a VLAN, 1 to 4094', 1, 4094), 'its number'),
              on: required(name(), 'the one of `interfaces` that carries it'),
            }),
            'makes it a VLAN of another interface',
          ),
          bond: key(
            fields({
              members: required(
                list(name(), 'a list of interfaces'),
                'those of `interfaces` that are one in it',
              ),
              mode: key(
                choice('active-backup', '802.3ad', 'balance-rr', 'balance-xor', 'balance-tlb', 'balance-alb'),
                'how they share the work; all but active-backup, balance-tlb and balance-alb need a switch that knows of it',
                'active-backup',
              ),
            }),
            'makes it a bond of other interfaces',
          ),
          bridge: key(
            fields({
              ports: key(list(name(), 'a list of interfaces'), 'those of `interfaces` that are in it', []),
            }),
            'makes it a bridge between other interfaces',
          ),
        }),
        'a map of interfaces',
      ),
      'interfaces by their name, by a pattern (* and ?), or by mac: and their hardware address; written for systemd-networkd',
      {},
    ),
  }),
  firewall: key(
    fields({
      allow: key(
        list(
          either(
            PORT,
            port(),
            fields({
              port: required(port(), 'a port or a range; tcp, if it says no protocol'),
              from: key(
                treated(list(text('a network such as 192.0.2.0/24'), 'a network or a list of networks'), {
                  one: [],
                }),
                'networks or addresses that may reach it; default: all',
                [],
              ),
            }),
          ),
          'a list of ports',
        ),
        'ports that may be reached from outside, those of containers included: 22, 80/tcp, 443/udp, 8000-8010/tcp, {port: 22, from: 192.0.2.0/24}',
        [],
      ),
    }),
    'lets nothing in but what it names, by nftables; without it, everything that listens can be reached',
  ),
};

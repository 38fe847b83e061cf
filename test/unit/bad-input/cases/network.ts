import type { BadInput } from '../table';

const at = 'dock0.yaml';
/** A file with interfaces, one a line. */
const interfaces = (...lines: string[]): string =>
  `network:\n  interfaces:\n${lines.map((line) => `    ${line}\n`).join('')}`;
const eth0 = (keys: string): string => interfaces(`eth0: {${keys}}`);
const OF = 'network.interfaces.eth0';

/** How a machine is connected. */
export const CASES: readonly BadInput[] = [
  {
    name: 'an interface with a name that is too long',
    config: interfaces('enp0s31f6-uplink: {}'),
    says: `${at}:3:5: network.interfaces.enp0s31f6-uplink: expected a name of at most 15 bytes, found one of 16`,
  },
  {
    name: 'an interface with a blank in its name',
    config: interfaces('"eth 0": {}'),
    says: `${at}:3:5: network.interfaces.eth 0: expected an interface such as eth0, a pattern such as en*, or mac: and its hardware address, found "eth 0"`,
  },
  {
    name: 'a hardware address that is too short',
    config: interfaces("'mac:52:54:00': {}"),
    says: `${at}:3:5: network.interfaces.mac:52:54:00: expected an interface such as eth0, a pattern such as en*, or mac: and its hardware address, found "mac:52:54:00"`,
  },
  {
    name: "an interface that is Docker's",
    config: interfaces('docker0: {dhcp: true}'),
    says: `${at}:3:5: network.interfaces.docker0: expected another name: docker0 is Docker's own`,
  },
  {
    name: 'the loopback interface',
    config: interfaces('lo: {dhcp: true}'),
    says: `${at}:3:5: network.interfaces.lo: expected another name: lo is the machine itself`,
  },
  {
    name: 'an address without a prefix',
    config: eth0('addresses: [192.0.2.7]'),
    says: `${at}:3:24: ${OF}.addresses.0: expected an address with its prefix, such as 192.0.2.7/24, found "192.0.2.7"`,
  },
  {
    name: 'an address that is none',
    config: eth0('addresses: [192.0.2.256/24]'),
    says: `${at}:3:24: ${OF}.addresses.0: expected an address with its prefix, such as 192.0.2.7/24, found "192.0.2.256/24"`,
  },
  {
    name: 'an address with a prefix that is too long',
    config: eth0('addresses: [192.0.2.7/33]'),
    says: `${at}:3:24: ${OF}.addresses.0: expected an address with its prefix, such as 192.0.2.7/24, found "192.0.2.7/33"`,
  },
  {
    name: "a network's address for a machine's",
    config: eth0('addresses: [192.0.2.0/24]'),
    says: `${at}:3:24: ${OF}.addresses.0: expected the address of a machine, found "192.0.2.0/24", which is the network's own`,
  },
  {
    name: 'a broadcast address',
    config: eth0('addresses: [192.0.2.255/24]'),
    says: `${at}:3:24: ${OF}.addresses.0: expected the address of a machine, found "192.0.2.255/24", which is the network's broadcast`,
  },
  {
    name: 'a multicast address',
    config: eth0("addresses: ['ff02::1/64']"),
    says: `${at}:3:24: ${OF}.addresses.0: expected the address of a machine, found "ff02::1/64", which is a group of machines (multicast)`,
  },
  {
    name: 'an address of the loopback network',
    config: eth0('addresses: [127.0.0.2/8]'),
    says: `${at}:3:24: ${OF}.addresses.0: expected the address of a machine, found "127.0.0.2/8", which is the machine itself`,
  },
  {
    name: 'an address twice',
    config: eth0('addresses: [192.0.2.7/24, 192.0.2.7/25]'),
    says: `${at}:3:38: ${OF}.addresses.1: expected each address once, found "192.0.2.7/25" twice`,
  },
  {
    name: 'an address on two interfaces, in two spellings',
    config: interfaces("eth0: {addresses: ['2001:db8::7/64']}", "eth1: {addresses: ['2001:DB8:0::0:7/64']}"),
    says: `${at}:4:24: network.interfaces.eth1.addresses.0: expected each address once, found "2001:DB8:0::0:7/64", which network.interfaces.eth0 has too`,
  },
  {
    name: 'a gateway out of reach',
    config: eth0('addresses: [192.0.2.7/24], gateway: 198.51.100.1'),
    says: `${at}:3:39: ${OF}.gateway: expected an address in reach of one of \`addresses\`, found "198.51.100.1"`,
  },
  {
    name: 'a gateway of IPv6 out of reach',
    config: eth0("addresses: ['2001:db8::7/64'], gateway: '2001:db8:1::1'"),
    says: `${at}:3:43: ${OF}.gateway: expected an address in reach of one of \`addresses\`, found "2001:db8:1::1"`,
  },
  {
    name: 'a gateway of an interface without addresses',
    config: eth0('dhcp: true, gateway: 192.0.2.1'),
    says: `${at}:3:24: ${OF}.gateway: expected an address in reach of one of \`addresses\`, found "192.0.2.1"`,
  },
  {
    name: "a gateway that is the interface's own address",
    config: eth0('addresses: [192.0.2.7/24], gateway: 192.0.2.7'),
    says: `${at}:3:39: ${OF}.gateway: expected the address of another machine, found "192.0.2.7", which is the interface's own`,
  },
  {
    name: 'a gateway with a prefix',
    config: eth0('addresses: [192.0.2.7/24], gateway: 192.0.2.1/24'),
    says: `${at}:3:39: ${OF}.gateway: expected an address without a prefix, such as 192.0.2.1, found "192.0.2.1/24"`,
  },
  {
    name: 'two gateways of one interface',
    config: eth0('addresses: [192.0.2.7/24], gateway: [192.0.2.1, 192.0.2.2]'),
    says: `${at}:3:60: ${OF}.gateway.1: expected one gateway for IPv4, found a second one`,
  },
  {
    name: 'two gateways of two interfaces',
    config: interfaces(
      'eth0: {addresses: [192.0.2.7/24], gateway: 192.0.2.1}',
      'eth1: {addresses: [198.51.100.7/24], gateway: 198.51.100.1}',
    ),
    says: `${at}:4:42: network.interfaces.eth1.gateway: expected one gateway for IPv4, found a second one: network.interfaces.eth0 has one too`,
  },
  {
    name: 'a name server by its name',
    config: eth0('dhcp: true, dns: [192.0.2.1, dns.example]'),
    says: `${at}:3:41: ${OF}.dns.1: expected an address such as 192.0.2.1 or 2001:db8::1, found "dns.example"`,
  },
  {
    name: 'a route to an address with bits of a machine',
    config: eth0('addresses: [192.0.2.7/24], routes: [{to: 198.51.100.7/24, via: 192.0.2.1}]'),
    says: `${at}:3:53: ${OF}.routes.0.to: expected a network such as 198.51.100.0/24, found the address "198.51.100.7/24"`,
  },
  {
    name: 'a route to everywhere',
    config: eth0('addresses: [192.0.2.7/24], routes: [{to: 0.0.0.0/0, via: 192.0.2.1}]'),
    says: `${at}:3:53: ${OF}.routes.0.to: expected a network, found all of them: that is \`gateway\``,
  },
  {
    name: 'a route by a router of the other protocol',
    config: eth0("addresses: [192.0.2.7/24], routes: [{to: '2001:db8:1::/48', via: 192.0.2.1}]"),
    says: `${at}:3:77: ${OF}.routes.0.via: expected an IPv6 address, as \`to\` is, found "192.0.2.1"`,
  },
  {
    name: 'a route by a router out of reach',
    config: eth0('addresses: [192.0.2.7/24], routes: [{to: 198.51.100.0/24, via: 203.0.113.1}]'),
    says: `${at}:3:75: ${OF}.routes.0.via: expected an address in reach of one of \`addresses\`, found "203.0.113.1"`,
  },
  {
    name: 'an mtu that no link has',
    config: eth0('dhcp: true, mtu: 20'),
    says: `${at}:3:29: ${OF}.mtu: expected bytes, 68 to 65535, found the number 20`,
  },
  {
    name: 'an mtu that is too small for IPv6',
    config: eth0("addresses: ['2001:db8::7/64'], mtu: 1000"),
    says: `${at}:3:48: ${OF}.mtu: expected 1280 at least, which IPv6 needs, found the number 1000`,
  },
  {
    name: 'an mtu of a VLAN that is larger than that of its interface',
    config: interfaces('eth0: {mtu: 1500}', 'lan: {mtu: 9000, vlan: {id: 7, on: eth0}}'),
    says: `${at}:4:16: network.interfaces.lan.mtu: expected 1500 at most, the mtu of eth0, found the number 9000`,
  },
  {
    name: 'a VLAN with a number that there is not',
    config: interfaces('eth0: {}', 'lan: {vlan: {id: 4095, on: eth0}}'),
    says: `${at}:4:22: network.interfaces.lan.vlan.id: expected a number of a VLAN, 1 to 4094, found the number 4095`,
  },
  {
    name: 'a VLAN on an interface that is not there',
    config: interfaces('eth0: {}', 'lan: {vlan: {id: 7, on: eht0}}'),
    says: `${at}:4:29: network.interfaces.lan.vlan.on: expected one of network.interfaces (eth0), found "eht0"; did you mean eth0?`,
  },
  {
    name: 'a VLAN on a pattern',
    config: interfaces("'en*': {}", "lan: {vlan: {id: 7, on: 'en*'}}"),
    says: `${at}:4:29: network.interfaces.lan.vlan.on: expected a single interface, found the pattern en*`,
  },
  {
    name: 'a VLAN twice',
    config: interfaces('eth0: {}', 'a: {vlan: {id: 7, on: eth0}}', 'b: {vlan: {id: 7, on: eth0}}'),
    says: `${at}:5:20: network.interfaces.b.vlan.id: expected a number of its own, found 7, which a has on eth0`,
  },
  {
    name: 'a VLAN on itself, over another',
    config: interfaces('a: {vlan: {id: 7, on: b}}', 'b: {bridge: {ports: [a]}}'),
    says: `${at}:3:27: network.interfaces.a.vlan.on: expected interfaces without a circle: b is made of a`,
  },
  {
    name: 'a bond without members',
    config: interfaces('bond0: {bond: {members: []}}'),
    says: `${at}:3:20: network.interfaces.bond0.bond.members: expected one interface at least, found none`,
  },
  {
    name: 'a bond of an interface that is not there',
    config: interfaces('bond0: {bond: {members: [eth9]}}'),
    says: `${at}:3:30: network.interfaces.bond0.bond.members.0: expected one of network.interfaces, and there is no other, found "eth9"; state it there, if need be with {}`,
  },
  {
    name: 'a member of a bond with an address of its own',
    config: interfaces('eth0: {dhcp: true}', 'bond0: {bond: {members: [eth0]}}'),
    says: `${at}:4:30: network.interfaces.bond0.bond.members.0: expected an interface without addresses, found eth0: its addresses belong to bond0, which it is part of`,
  },
  {
    name: 'an interface in a bond and in a bridge',
    config: interfaces('eth0: {}', 'bond0: {bond: {members: [eth0]}}', 'br0: {bridge: {ports: [eth0]}}'),
    says: `${at}:5:28: network.interfaces.br0.bridge.ports.0: expected a free interface, found eth0, which is in bond0`,
  },
  {
    name: 'an interface that is a bridge and a bond',
    config: interfaces('eth0: {}', 'x: {bridge: {}, bond: {members: [eth0]}}'),
    says: `${at}:4:9: network.interfaces.x.bridge: expected one of vlan, bond and bridge, found bond and bridge`,
  },
  {
    name: 'a bridge by a pattern',
    config: interfaces("'br*': {bridge: {}}"),
    says: `${at}:3:13: network.interfaces.br*.bridge: expected a name such as bridge0 for an interface to make, found br*`,
  },
  {
    name: 'a port that there is not',
    config: 'firewall: {allow: [70000]}\n',
    says: `${at}:1:20: firewall.allow.0: expected a port from 1 to 65535, found the number 70000`,
  },
  {
    name: 'a range of ports that goes down',
    config: 'firewall: {allow: [8010-8000/udp]}\n',
    says: `${at}:1:20: firewall.allow.0: expected a range that goes up, found "8010-8000/udp"`,
  },
  {
    name: 'a protocol that has no ports',
    config: 'firewall: {allow: [22, 53/icmp]}\n',
    says: `${at}:1:24: firewall.allow.1: expected tcp or udp behind the slash, found "53/icmp"`,
  },
  {
    name: 'a port by its name',
    config: 'firewall: {allow: [ssh]}\n',
    says: `${at}:1:20: firewall.allow.0: expected a port such as 22, 80/tcp or 8000-8010/udp, found "ssh"`,
  },
  {
    name: 'a place that a port may be reached from, by its name',
    config: 'firewall: {allow: [{port: 22, from: office}]}\n',
    says: `${at}:1:31: firewall.allow.0.from: expected a network such as 192.0.2.0/24, or an address, found "office"`,
  },
  {
    name: 'a network of the firewall with a prefix that is too long',
    config: "firewall: {allow: [{port: 22, from: [192.0.2.0/24, '2001:db8::/129']}]}\n",
    says: `${at}:1:52: firewall.allow.0.from.1: expected a network such as 192.0.2.0/24, or an address, found "2001:db8::/129"`,
  },
  {
    name: 'a machine of verify with a network that there is not',
    config: 'verify: {network: bridge}\n',
    says: `${at}:1:19: verify.network: expected one of user, none, found "bridge"`,
  },
  {
    name: 'a firewall with nothing in it',
    config: 'firewall:\n  # allow: [22]\n',
    says: 'dock0.yaml:1:9: firewall: expected a map, found nothing; write {} to let nothing in',
  },
  {
    name: 'a port that no network may reach',
    config: 'firewall: {allow: [{port: 22, from: []}]}\n',
    says: 'dock0.yaml:1:31: firewall.allow.0.from: expected at least one network, found an empty list; leave from out to let everybody in',
  },
  {
    name: 'a number for a network that may reach a port',
    config: 'firewall: {allow: [{port: 22, from: 5}]}\n',
    says: 'dock0.yaml:1:37: firewall.allow.0.from: expected a network such as 192.0.2.0/24, found the number 5; put it in quotes',
  },
  {
    name: 'an interface that systemd takes for a number',
    config: interfaces("'7': {dhcp: true}"),
    says: `${at}:3:5: network.interfaces.7: expected a name with a letter, found "7": systemd-networkd takes it for the number of an interface`,
  },
  {
    name: 'one card in two spellings',
    config: interfaces("'mac:52:54:00:AB:CD:EF': {dhcp: true}", "'mac:52:54:00:ab:cd:ef': {dhcp: true}"),
    says: `${at}:4:5: network.interfaces.mac:52:54:00:ab:cd:ef: expected each card once: mac:52:54:00:AB:CD:EF is the same one`,
  },
  {
    name: "a gateway that is the network's own address",
    config: eth0('addresses: [192.0.2.7/24], gateway: 192.0.2.0'),
    says: `${at}:3:39: ${OF}.gateway: expected the address of a router, found "192.0.2.0", which is the network's own`,
  },
  {
    name: 'a router that is a broadcast address',
    config: eth0('addresses: [192.0.2.7/24], routes: [{to: 198.51.100.0/24, via: 192.0.2.255}]'),
    says: `${at}:3:75: ${OF}.routes.0.via: expected the address of a router, found "192.0.2.255", which is the network's broadcast`,
  },
  {
    name: "the address of the machine's own resolver",
    config: eth0('addresses: [169.254.53.53/16]'),
    says: `${at}:3:24: ${OF}.addresses.0: expected the address of a machine, found "169.254.53.53/16", which is the machine's own resolver`,
  },
  {
    name: 'the own resolver as a name server',
    config: eth0('dhcp: true, dns: 127.0.0.53'),
    says: `${at}:3:24: ${OF}.dns: expected the address of a name server, found "127.0.0.53", which is the machine's own resolver`,
  },
  {
    name: 'a name server that is no machine',
    config: eth0('dhcp: true, dns: 0.0.0.0'),
    says: `${at}:3:24: ${OF}.dns: expected the address of a name server, found "0.0.0.0", which is this network`,
  },
  {
    name: 'a bond with longer packets than its members',
    config: interfaces('eth0: {mtu: 1500}', 'bond0: {dhcp: true, mtu: 9000, bond: {members: [eth0]}}'),
    says: `${at}:4:30: network.interfaces.bond0.mtu: expected 1500 at most, the mtu of eth0, found the number 9000`,
  },
  {
    name: 'a bridge with longer packets than its ports',
    config: interfaces('eth0: {mtu: 1500}', 'br0: {dhcp: true, mtu: 9000, bridge: {ports: [eth0]}}'),
    says: `${at}:4:28: network.interfaces.br0.mtu: expected 1500 at most, the mtu of eth0, found the number 9000`,
  },
];

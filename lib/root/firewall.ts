import { RESOLVER } from '../config/address';
import { type OpenPorts, openPorts } from '../config/firewall';
import type { Config } from '../config/schema';
import { link, type Placed, textFile } from './tree';

type Settings = Pick<Config, 'firewall' | 'network'>;

const RULES = 'etc/dock0/firewall.nft';
const NFT = 'usr/sbin/nft';
const SERVICE = 'dock0-firewall.service';

/**
 * The firewall, as a table of its own (nft(8)): Docker's rules, which are in others, stay as they are. A packet has to pass
 * both. nft's rules and those of iptables work side by side, so it fits every Docker.
 */
export function firewallFiles({ firewall, network }: Settings): Placed[] {
  if (firewall === undefined) return [];
  return [
    textFile(RULES, rules({ firewall, network })),
    textFile(`etc/systemd/system/${SERVICE}`, UNIT),
    link(`etc/systemd/system/sysinit.target.wants/${SERVICE}`, `../${SERVICE}`),
    textFile('etc/systemd/system/systemd-networkd.service.d/10-dock0-firewall.conf', BEHIND),
  ];
}

/** The program that loads it, in the image. */
export const FIREWALL_PROGRAM = NFT;

function rules({ firewall, network }: Required<Settings>): string {
  const ports = (firewall?.allow ?? []).map(openPorts);
  const bridges = Object.entries(network.interfaces).flatMap(([name, { bridge }]) => (bridge ? [name] : []));
  // Bridges of the configuration lead outside; those that Docker makes do not.
  const inside = ['meta iifkind "bridge"', ...bridges.map((name) => `iifname != "${name}"`)].join(' ');
  const block = (name: string, lines: readonly string[]): string =>
    `  chain ${name} {\n${lines.map((line) => `    ${line}\n`).join('')}  }\n`;
  const chains = [
    block('input', [
      'type filter hook input priority filter; policy drop;',
      'ct state established,related accept',
      'ct state invalid drop',
      'iif lo accept',
      ...ICMP,
      'udp sport 67 udp dport 68 accept',
      'ip6 saddr fe80::/10 udp sport 547 udp dport 546 accept',
      `${inside} ip daddr ${RESOLVER} meta l4proto { tcp, udp } th dport 53 accept`,
      ...ports.flatMap((open) => matches(open, (range) => `${open.protocol} dport ${range}`)),
    ]),
    // What is published by Docker is forwarded, to another address and port than it came for: the one that counts is in
    // conntrack's record. What comes from containers themselves is Docker's affair.
    block('forward', [
      'type filter hook forward priority filter; policy drop;',
      'ct state established,related accept',
      `${inside} accept`,
      ...bridges.map((name) => `iifname "${name}" oifname "${name}" accept`),
      ...ports.flatMap((open) =>
        matches(
          open,
          (range) => `ct status dnat meta l4proto ${open.protocol} ct original proto-dst ${range}`,
        ),
      ),
    ]),
  ];
  return `#!/${NFT} -f
# Made from firewall.allow; loading it again replaces it.
table inet dock0
delete table inet dock0
table inet dock0 {
${chains.join('\n')}}
`;
}

/** A rule for each family that `from` has; one for both where there is no `from`. */
function matches({ first, last, from }: OpenPorts, match: (range: string) => string): string[] {
  const range = first === last ? String(first) : `${first}-${last}`;
  if (from.length === 0) return [`${match(range)} accept`];
  const of = (six: boolean): string[] => from.filter((network) => network.includes(':') === six);
  return [
    ...of(false).map((network) => `ip saddr ${network} ${match(range)} accept`),
    ...of(true).map((network) => `ip6 saddr ${network} ${match(range)} accept`),
  ];
}

/** Errors and pings; without neighbours and routers there is no IPv6 (RFC 4890, section 4.4.1). */
const ICMP = [
  'icmp type { destination-unreachable, time-exceeded, parameter-problem, echo-request } accept',
  `icmpv6 type { ${[
    'destination-unreachable, packet-too-big, time-exceeded, parameter-problem, echo-request',
    'nd-router-advert, nd-neighbor-solicit, nd-neighbor-advert, mld-listener-query',
  ].join(', ')} } accept`,
];

const UNIT = `[Unit]
Description=Firewall
DefaultDependencies=no
After=systemd-modules-load.service
Wants=network-pre.target
Before=network-pre.target sysinit.target shutdown.target
Conflicts=shutdown.target

[Service]
Type=oneshot
ExecStart=/${NFT} -f /${RULES}
ExecReload=/${NFT} -f /${RULES}
RemainAfterExit=yes
`;

/** Without the firewall there is no network. */
const BEHIND = `[Unit]
Requires=${SERVICE}
After=${SERVICE}
`;

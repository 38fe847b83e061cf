import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import type { Config } from '../../lib/config/schema';
import { firewallFiles } from '../../lib/root/firewall';
import { networkFiles } from '../../lib/root/network';
import { dockerNetworkFile, dockerUnit, waitOnlineFiles } from '../../lib/root/online';
import { resolverFiles } from '../../lib/root/resolver';
import { type Placed, textFile } from '../../lib/root/tree';
import { run } from '../../lib/system/process';
import { FIXTURES } from '../helpers/gulp';
import { cleanUp, load } from '../unit/config/workspace';

const CONFIG = `
network:
  interfaces:
    eth0:
      addresses: [192.0.2.7/24, '2001:db8::7/64']
      gateway: [192.0.2.1, 'fe80::1']
      dns: 192.0.2.53
      mtu: 1400
      routes: [{to: 198.51.100.0/24, via: 192.0.2.2}]
    eth1: {}
    br0: {bridge: {ports: [eth1]}, addresses: [203.0.113.1/24]}
firewall:
  allow: [22, 8080/tcp, {port: 9000, from: [198.51.100.0/24, '2001:db8:1::/48']}, {port: 9001, from: 192.0.2.0/24}]
`;
/** Kinds that this machine's kernel may not make: the files alone are read. */
const MORE = `
network:
  interfaces:
    eth0: {}
    'enp?s*': {}
    'mac:52:54:00:12:34:56': {dhcp: true, dns: [192.0.2.53, '2001:db8::53']}
    bond0: {bond: {members: [eth0, 'enp?s*'], mode: 802.3ad}}
    lan: {vlan: {id: 7, on: bond0}, dhcp: true, mtu: 1300}
`;

/** Everything in namespaces that end with the script. */
const NAMESPACES = ['--mount', '--net', '--pid', '--fork', '--kill-child', '--propagation', 'private'];

describe('the network of a machine, as Linux and systemd have it', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'dock0-network-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
    cleanUp();
  });

  const config = (text: string): Config => load({ 'dock0.yaml': text }).base;
  const write = (files: readonly Placed[]): void => {
    for (const file of files) {
      if (file.kind !== 'file') continue;
      mkdirSync(join(folder, dirname(file.path)), { recursive: true });
      writeFileSync(join(folder, file.path), file.content ?? '');
    }
  };
  const script = async (name: string, path: string): Promise<string[]> => {
    const words = [...NAMESPACES, 'sh', join(FIXTURES, 'network', name), join(folder, path)];
    return (await run('unshare', words)).stdout.split('\n');
  };

  it('has its addresses, ways and bridge from systemd-networkd, and the address that containers ask for names', async () => {
    write([...networkFiles(config(CONFIG).network), ...resolverFiles()]);
    const lines = await script('networkd.sh', 'etc/systemd/network');
    const facts = lines.slice(lines.indexOf('facts')).join('\n');
    expect(facts, lines.join('\n')).to.match(/eth0 +inet 192\.0\.2\.7\/24 /);
    expect(facts).to.match(/eth0 +inet6 2001:db8::7\/64 /);
    expect(facts).to.match(/br0 +inet 203\.0\.113\.1\/24 /);
    expect(facts).to.match(/^default via 192\.0\.2\.1 dev eth0 /m);
    expect(facts).to.match(/^default via fe80::1 dev eth0 /m);
    expect(facts).to.match(/^198\.51\.100\.0\/24 via 192\.0\.2\.2 dev eth0 /m);
    expect(facts).to.match(/eth0@\S+ .* mtu 1400 /);
    expect(facts).to.match(/lo +inet 169\.254\.53\.53\/32 /);
    expect(complaintsOf(lines)).to.deep.equal([]);
  });

  it('leaves the interfaces of Docker alone, whatever a file of an overlay matches', async () => {
    const all = '[Match]\nType=ether bridge\n\n[Network]\nAddress=198.51.100.7/24\n';
    write([dockerNetworkFile(), textFile('etc/systemd/network/main.network', all)]);
    const lines = await script('networkd.sh', 'etc/systemd/network');
    const having = lines.flatMap((line) => /^\d+: (\S+) +inet 198\.51\.100\.7\/24 /.exec(line)?.[1] ?? []);
    expect(having, lines.join('\n')).to.include.members(['eth0', 'eth1']);
    expect(having.filter((name) => /^(veth|br-)/.test(name))).to.deep.equal([]);
    // Without ours they are taken.
    rmSync(join(folder, 'etc/systemd/network/05-dock0-docker.network'));
    expect((await script('networkd.sh', 'etc/systemd/network')).join('\n')).to.match(/veth0a1b2c3 +inet 198/);
  });

  it('has files of every kind that systemd-networkd reads without a complaint', async () => {
    write([...networkFiles(config(MORE).network), ...resolverFiles()]);
    const names = readdirSync(join(folder, 'etc/systemd/network'));
    expect(names.filter((name) => name.endsWith('.netdev'))).to.have.length(2);
    expect(complaintsOf(await script('networkd.sh', 'etc/systemd/network'))).to.deep.equal([]);
    // What it complains about, it says.
    cpSync(join(folder, 'etc'), join(folder, 'other'), { recursive: true });
    writeFileSync(
      join(folder, 'other/systemd/network/40-dock0-eth0.network'),
      '[Network]\nAdress=192.0.2.7/24\n',
    );
    expect(complaintsOf(await script('networkd.sh', 'other/systemd/network'))).not.to.deep.equal([]);
  });

  it('has a firewall that lets in what is allowed, and to containers as well', async () => {
    write(firewallFiles(config(CONFIG)));
    const lines = await script('firewall.sh', 'etc/dock0/firewall.nft');
    expect(lines.filter(Boolean)).to.deep.equal([
      'out 192.0.2.7 22 yes',
      'out 192.0.2.7 7000 no',
      'out 192.0.2.7 9000 no',
      'out 192.0.2.7 9001 yes',
      'out 192.0.2.7 8080 yes',
      'out 192.0.2.7 8081 no',
      'out 2001:db8::7 22 yes',
      'out 2001:db8::7 7000 no',
      'out 172.17.0.2 80 no',
      'box 169.254.53.53 53 yes',
      'box 169.254.53.53 22 yes',
      'box 169.254.53.53 7000 no',
      'box 192.0.2.50 5000 yes',
      'out ping yes',
      'out ping6 yes',
      'machine ping yes',
      // Docker's own rules are still there.
      '2',
    ]);
  });

  it('has units that systemd accepts', async () => {
    write([
      ...firewallFiles(config(CONFIG)),
      ...dockerUnit(
        '[Unit]\nAfter=network-online.target\nWants=network-online.target\n\n[Service]\nExecStart=/bin/true\n',
      ),
      ...waitOnlineFiles('/bin/true'),
    ]);
    const units = join(folder, 'etc/systemd/system');
    // The program is one of the image.
    const service = join(units, 'dock0-firewall.service');
    const { stderr } = await run(
      'systemd-analyze',
      ['verify', '--man=no', '--recursive-errors=no', service, join(units, 'docker.service')],
      {
        okCodes: [0, 1],
        env: { SYSTEMD_UNIT_PATH: `${units}:` },
      },
    );
    const ours = stderr
      .split('\n')
      .filter((line) => line.includes(folder) || /dock0-firewall|docker/.test(line));
    expect(ours.filter((line) => !line.includes('/usr/sbin/nft is not executable'))).to.deep.equal([]);
  });
});

/** What systemd-networkd does not understand of its files. */
function complaintsOf(lines: readonly string[]): string[] {
  return lines.filter((line) => /\.(network|netdev):|Unknown|Failed to parse|Invalid/.test(line));
}

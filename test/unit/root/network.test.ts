import { expect } from 'chai';
import { networkFiles } from '../../../lib/root/network';
import { dockerUnit, waitOnlineFiles } from '../../../lib/root/online';
import type { Placed } from '../../../lib/root/tree';

import { cleanUp, load } from '../config/workspace';

const textOf = (files: readonly Placed[], path: string): string => {
  const file = files.find((each) => each.path === path);
  return file?.kind === 'file' ? String(file.content) : '';
};

describe('the network of a machine', () => {
  afterEach(cleanUp);
  const files = (network: string): Map<string, string> => {
    const made = networkFiles(load({ 'dock0.yaml': `network: ${network}\n` }).base.network);
    return new Map(made.map(({ path }) => [path.replace('etc/systemd/network/', ''), textOf(made, path)]));
  };

  it('is DHCP on cards alone, with an id that stays where nothing else does', () => {
    expect([...files('{}')]).to.deep.equal([
      [
        '80-dock0-dhcp.network',
        '[Match]\nType=ether\nKind=!*\n\n[Network]\nDHCP=yes\n\n[DHCPv4]\nClientIdentifier=mac\n',
      ],
    ]);
    expect([...files('{dhcp: false}')]).to.deep.equal([]);
  });

  it('has addresses, a gateway for each protocol, name servers and routes', () => {
    const eth0 =
      "{addresses: [192.0.2.7/24, '2001:db8::7/64'], gateway: [192.0.2.1, 'fe80::1'], dns: 192.0.2.53, mtu: 1400, routes: [{to: 198.51.100.0/24, via: 192.0.2.2}]}";
    expect(files(`{dhcp: false, interfaces: {eth0: ${eth0}}}`).get('40-dock0-eth0.network')).to.equal(
      '[Match]\nName=eth0\n\n[Link]\nMTUBytes=1400\n\n' +
        '[Network]\nDHCP=no\nAddress=192.0.2.7/24\nAddress=2001:db8::7/64\nDNS=192.0.2.53\n\n' +
        '[Route]\nGateway=192.0.2.1\nMetric=512\n\n[Route]\nGateway=fe80::1\nGatewayOnLink=yes\nMetric=512\n\n' +
        '[Route]\nDestination=198.51.100.0/24\nGateway=192.0.2.2\n',
    );
  });

  it('is that of the longest pattern, after names and hardware addresses', () => {
    const names = files(
      "{interfaces: {'*': {}, 'en*': {}, 'enp1s?': {}, eth0: {}, 'mac:52:54:00:12:34:56': {dhcp: true}}}",
    );
    expect([...names.keys()].sort()).to.deep.equal([
      '40-dock0-eth0.network',
      '40-dock0-mac-52-54-00-12-34-56.network',
      '70-dock0-enp1s=.network',
      '73-dock0-en+.network',
      '75-dock0-+.network',
      '80-dock0-dhcp.network',
    ]);
    expect(names.get('40-dock0-mac-52-54-00-12-34-56.network')).to.match(
      /^\[Match\]\nMACAddress=52:54:00:12:34:56\nType=ether\nKind=!\*\n/,
    );
    expect(names.get('73-dock0-en+.network')).to.match(/^\[Match\]\nName=en\*\nType=ether\nKind=!\*\n/);
  });

  it('makes VLANs, bonds and bridges of interfaces', () => {
    const made = files(`
  interfaces:
    eth0: {}
    eth1: {}
    bond0: {bond: {members: [eth0, eth1]}}
    lan: {vlan: {id: 7, on: bond0}}
    br0: {bridge: {ports: [lan]}, dhcp: true}
    br1: {bridge: {}, addresses: [198.51.100.1/24]}`);
    expect(made.get('40-dock0-eth1.network')).to.contain('Bond=bond0\nLinkLocalAddressing=no\n');
    expect(made.get('40-dock0-bond0.netdev')).to.equal(
      '[NetDev]\nName=bond0\nKind=bond\n\n[Bond]\nMode=active-backup\nMIIMonitorSec=100ms\n',
    );
    expect(made.get('40-dock0-bond0.network')).to.contain('VLAN=lan\n');
    expect(made.get('40-dock0-lan.netdev')).to.equal('[NetDev]\nName=lan\nKind=vlan\n\n[VLAN]\nId=7\n');
    expect(made.get('40-dock0-lan.network')).to.contain('Bridge=br0\n');
    expect(made.get('40-dock0-br0.network')).to.contain('DHCP=yes\n').and.not.to.contain('WithoutCarrier');
    expect(made.get('40-dock0-br1.network')).to.contain('ConfigureWithoutCarrier=yes\n');
  });
});

describe('the units of a machine that may have no network', () => {
  it("are Docker's as its package has it, but for the wait", () => {
    const before = `[Unit]
After=network-online.target docker.socket firewalld.service containerd.service time-set.target
Wants=network-online.target containerd.service
Requires=docker.socket

[Service]
ExecStart=/usr/sbin/dockerd -H fd://
`;
    const [unit] = dockerUnit(before);
    expect(unit?.path).to.equal('etc/systemd/system/docker.service');
    expect(textOf([unit as Placed], 'etc/systemd/system/docker.service')).to.equal(
      before.replaceAll('network-online.target ', ''),
    );
    const [alone] = dockerUnit(
      '[Unit]\nWants=network-online.target\nAfter = a.service network-online.target\n',
    );
    expect(textOf([alone as Placed], 'etc/systemd/system/docker.service')).to.equal(
      '[Unit]\nAfter=a.service\n',
    );
  });

  it('wait a while for one interface, and do not fail without', () => {
    const [file] = waitOnlineFiles('/x/wait');
    expect(file).to.have.property(
      'content',
      '[Service]\nExecStart=\nExecStart=-/x/wait --any --timeout=30\n',
    );
  });
});

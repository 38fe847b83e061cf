import { writeFileSync } from 'node:fs';
import { expect } from 'chai';
import { gulp, workFolder } from '../helpers/gulp';
import { passedDetail, reportOf } from '../helpers/verified';

/** How many times as late Docker may be as in a machine with the network of the default configuration. */
const LATER = 1.25;

describe('machines with other networks than one of DHCP', () => {
  const work = workFolder();
  const ready = async (name: string, network: string) => {
    writeFileSync(
      work.path(`${name}.yaml`),
      `include: default\nname: ${name}\nverify: {timeout: 900}\n${network}\n`,
    );
    const { code, output } = await gulp(['verify', '--config', `${name}.yaml`], { cwd: work.path() });
    expect(code, output).to.equal(0);
    const { boots } = reportOf(work.path(`build/${name}`));
    return {
      boots,
      seconds: Math.min(...boots.map(({ milestones }) => milestones['docker ready'] ?? Number.NaN)),
    };
  };
  let usual = Number.NaN;
  before(async () => {
    usual = (await ready('usual', 'network: {dhcp: true}')).seconds;
  });

  it('have VLANs, bonds and bridges', async () => {
    const { boots } = await ready(
      'made',
      `network:
  dhcp: false
  interfaces:
    eth0: {}
    eth1: {}
    'mac:52:54:00:12:34:56': {}
    bond0: {bond: {members: [eth0, eth1]}, addresses: [192.0.2.7/24], gateway: 192.0.2.1}
    lan: {vlan: {id: 7, on: bond0}, addresses: ['2001:db8::7/64'], mtu: 1400}
    br0: {bridge: {ports: ['mac:52:54:00:12:34:56']}, dhcp: true}
    br1: {bridge: {}, addresses: [203.0.113.1/24]}`,
    );
    for (const boot of boots) {
      expect(passedDetail(boot, 'interface:bond0')).to.match(/^bond0 192\.0\.2\.7\/24/);
      expect(passedDetail(boot, 'interface:lan')).to.match(/^lan 2001:db8::7\/64/);
      expect(passedDetail(boot, 'interface:br0')).to.match(/^br0 10\.213\.\d+\.15\/24/);
      expect(passedDetail(boot, 'interface:br1')).to.match(/^br1 203\.0\.113\.1\/24/);
    }
  });

  it('have Docker as soon with a DHCP server that is silent', async () => {
    // Nobody answers in this VLAN.
    const silent = await ready(
      'silent',
      'network: {dhcp: false, interfaces: {eth0: {}, lan: {vlan: {id: 7, on: eth0}, dhcp: true}}}',
    );
    expect(silent.seconds / usual, `${silent.seconds} s, ${usual} s`).to.be.below(LATER);
  });

  it('have Docker as soon with an address and no gateway', async () => {
    const alone = await ready(
      'alone',
      'network: {dhcp: false, interfaces: {eth0: {addresses: [192.0.2.7/24]}}}',
    );
    expect(alone.seconds / usual, `${alone.seconds} s, ${usual} s`).to.be.below(LATER);
  });
});

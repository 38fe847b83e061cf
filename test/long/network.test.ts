import { writeFileSync } from 'node:fs';
import { expect } from 'chai';
import { gulp, workFolder } from '../helpers/gulp';
import { passedDetail, reportOf } from '../helpers/verified';

/** The public half of a key that nobody has. */
const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAICoVS+XZw2zOvRH+vA2WGnO+QaNoBn7gnZ6ah3eRcLZM me';

/** What all of them have: with the firewall's packages they share a layer. */
const COMMON = `include: default
verify: {timeout: 1200}
firewall: {allow: [22, {port: 9000-9010, from: 198.51.100.0/24}]}
users: {deploy: {ssh_keys: '${KEY}', groups: [docker]}}
`;

const STATED = `network:
  interfaces:
    eth0: {addresses: [192.0.2.7/24, '2001:db8::7/64'], gateway: [192.0.2.1, 'fe80::1'], dns: 192.0.2.1}
    'en*': {dhcp: true}
`;

/** An address without a gateway; a VLAN where no DHCP server answers; a bridge without ports, which is a card without a cable. */
const CUT_OFF = `network:
  dhcp: false
  interfaces:
    eth0: {addresses: [192.0.2.7/24]}
    silent: {vlan: {id: 7, on: eth0}, dhcp: true}
    unplugged: {bridge: {}, dhcp: true}
`;

const MADE = `network:
  dhcp: false
  interfaces:
    eth0: {}
    eth1: {}
    'mac:52:54:00:12:34:56': {}
    bond0: {bond: {members: [eth0, eth1]}, addresses: [192.0.2.7/24], gateway: 192.0.2.1}
    lan: {vlan: {id: 7, on: bond0}, addresses: ['2001:db8::7/64'], mtu: 1400}
    br0: {bridge: {ports: ['mac:52:54:00:12:34:56']}, dhcp: true}
    br1: {bridge: {}, addresses: [203.0.113.1/24]}
`;

describe('machines with addresses, a firewall and users', () => {
  const work = workFolder();
  /** Seconds until Docker was ready, of the faster boot. */
  const ready: Record<string, number> = {};
  const verify = async (name: string, network: string, ...sets: string[]) => {
    writeFileSync(work.path(`${name}.yaml`), `name: ${name}\n${COMMON}${network}`);
    const set = sets.flatMap((each) => ['--set', each]);
    const { code, output } = await gulp(['verify', '--config', `${name}.yaml`, ...set], { cwd: work.path() });
    expect(code, output).to.equal(0);
    const { boots } = reportOf(work.path(`build/${name}`));
    ready[name] = Math.min(...boots.map(({ milestones }) => milestones['docker ready'] ?? Number.NaN));
    return boots;
  };
  /** Speed is no condition of a test: the ratio is printed. */
  const compared = (name: string): void => {
    const ratio = (ready[name] ?? Number.NaN) / (ready.stated ?? Number.NaN);
    console.log(
      `      docker ready: ${ready[name]} s, with a network ${ready.stated} s: ${ratio.toFixed(2)}`,
    );
  };

  it('have what the configuration promises, seen from inside and from outside', async () => {
    const boots = await verify('stated', STATED);
    const [first, second] = boots;
    for (const boot of boots) {
      expect(passedDetail(boot, 'interface:eth0')).to.match(/^eth0 192\.0\.2\.7\/24 2001:db8::7\/64/);
      expect(passedDetail(boot, 'interface:en*')).to.match(/^env0 10\.213\.\d+\.15\/24/);
      expect(passedDetail(boot, 'firewall-open')).to.match(/^port 22 answered SSH-2\.0-/);
      expect(passedDetail(boot, 'firewall-closed')).to.match(/^port 8041 did not answer/);
      expect(passedDetail(boot, 'login:deploy')).to.contain('logged in');
    }
    expect(first && passedDetail(first, 'firewall-published')).to.match(/^port 8042 did not answer/);
    // On a network of the user's, and on Docker's own.
    expect(first && passedDetail(first, 'resolver')).to.match(/^stated on dock0-verify: \S+/);
    expect(second && passedDetail(second, 'resolver')).to.match(/^stated on bridge: \S+/);
  });

  it('have Docker and its containers without any card', async () => {
    const boots = await verify('none', STATED, 'verify.network=none');
    const names = boots.flatMap(({ checks }) => checks.map(({ name }) => name));
    expect(names).to.include('container-port').and.include('resolver');
    expect(names).not.to.include('network');
    compared('none');
  });

  it('have Docker without a gateway, with a DHCP server that is silent, and with a card without a cable', async () => {
    const boots = await verify('cut-off', CUT_OFF);
    for (const boot of boots) expect(passedDetail(boot, 'interface:eth0')).to.match(/^eth0 192\.0\.2\.7\/24/);
    compared('cut-off');
  });

  it('have VLANs, bonds and bridges', async () => {
    for (const boot of await verify('made', MADE)) {
      expect(passedDetail(boot, 'interface:bond0')).to.match(/^bond0 192\.0\.2\.7\/24/);
      expect(passedDetail(boot, 'interface:lan')).to.match(/^lan 2001:db8::7\/64/);
      expect(passedDetail(boot, 'interface:br0')).to.match(/^br0 10\.213\.\d+\.15\/24/);
      expect(passedDetail(boot, 'interface:br1')).to.match(/^br1 203\.0\.113\.1\/24/);
    }
  });
});

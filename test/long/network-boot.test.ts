import { writeFileSync } from 'node:fs';
import { expect } from 'chai';
import { gulp, workFolder } from '../helpers/gulp';
import { passedDetail, reportOf } from '../helpers/verified';

/** The public half of a key that nobody has. */
const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAICoVS+XZw2zOvRH+vA2WGnO+QaNoBn7gnZ6ah3eRcLZM me';

const CONFIG = `include: default
name: net
network:
  interfaces:
    eth0: {addresses: [192.0.2.7/24, '2001:db8::7/64'], gateway: [192.0.2.1, 'fe80::1'], dns: 192.0.2.1}
    'en*': {dhcp: true}
firewall: {allow: [22, {port: 9000-9010, from: 198.51.100.0/24}]}
users: {deploy: {ssh_keys: '${KEY}', groups: [docker]}}
`;

describe('a host with a static address, a firewall and a user', () => {
  const work = workFolder();
  const ready: Record<string, number> = {};
  before(() => writeFileSync(work.path('net.yaml'), CONFIG));
  const verify = async (network: string) => {
    const set = ['--set', `verify.network=${network}`, '--set', 'verify.timeout=900'];
    const { code, output } = await gulp(['verify', '--config', 'net.yaml', ...set], { cwd: work.path() });
    expect(code, output).to.equal(0);
    const report = reportOf(work.path('build/net'));
    const times = report.boots.map(({ milestones }) => milestones['docker ready'] ?? Number.NaN);
    ready[network] = Math.min(...times);
    return { output, report };
  };

  it('has what the configuration promises, seen from inside and from outside', async () => {
    const { report } = await verify('user');
    const [first, second] = report.boots;
    for (const boot of report.boots) {
      expect(passedDetail(boot, 'interface:eth0')).to.match(/^eth0 192\.0\.2\.7\/24 2001:db8::7\/64/);
      expect(passedDetail(boot, 'interface:en*')).to.match(/^env0 10\.213\.\d+\.15\/24/);
      expect(passedDetail(boot, 'firewall-open')).to.match(/^port 22 answered SSH-2\.0-/);
      expect(passedDetail(boot, 'firewall-closed')).to.match(/^port 8041 did not answer/);
      expect(passedDetail(boot, 'login:deploy')).to.contain('logged in');
    }
    expect(first && passedDetail(first, 'firewall-published')).to.match(/^port 8042 did not answer/);
    // On a network of the user's, and on Docker's own.
    expect(first && passedDetail(first, 'resolver')).to.match(/^net on dock0-verify: \S+/);
    expect(second && passedDetail(second, 'resolver')).to.match(/^net on bridge: \S+/);
  });

  it('has Docker as soon without any card', async () => {
    const { report } = await verify('none');
    const names = report.boots.flatMap(({ checks }) => checks.map(({ name }) => name));
    expect(names).to.include('container-port').and.include('resolver');
    expect(names).not.to.include('network');
    const ratio = (ready.none ?? Number.NaN) / (ready.user ?? Number.NaN);
    console.log(`      docker ready: ${JSON.stringify(ready)}, ${ratio.toFixed(2)}`);
  });
});

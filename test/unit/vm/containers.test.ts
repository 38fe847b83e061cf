import { execFileSync } from 'node:child_process';
import { readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { builtinHooks } from '../../../lib/initramfs/hooks';
import { testFolder } from '../../helpers/folder';

const NAMESPACES = ['mnt', 'pid', 'net', 'ipc', 'uts', 'cgroup'];
const CONFINED = {
  Seccomp: '2',
  CapEff: '00000000a80425fb',
  CapBnd: '00000000a80425fb',
  profile: 'docker-default (enforce)',
  'memory.max': '67108864',
  'pids.max': '50',
  'cpu.max': '50000 100000',
  ...Object.fromEntries(NAMESPACES.map((kind, index) => [kind, `${kind}:[${index}]`])),
};

describe('what verify makes of a container', () => {
  const folder = testFolder();

  /** Judges facts with a function of the agent: what it says, and `no` before it where it fails. */
  const judged = (check: string, changes: Record<string, string> = {}, apparmor = 'yes'): string => {
    const facts = Object.entries({ ...CONFINED, ...changes });
    writeFileSync(folder.path('facts'), facts.map(([name, value]) => `${name} ${value}\n`).join(''));
    writeFileSync(folder.path('complained-server'), 'what docker complained of\n');
    const script = `here=$1 SECCOMP=2 APPARMOR=$4 NAMESPACES='${NAMESPACES.join(' ')}'; . "$2"; "$3" || echo no`;
    const words = ['sh', folder.path(), join(builtinHooks(), 'vm/containers'), check, apparmor];
    return execFileSync('sh', ['-c', script, ...words]).toString();
  };

  it('is fine where it is confined as Docker does it, and says what was expected', () => {
    expect(judged('container_seccomp')).to.equal('mode 2, expected 2\n');
    for (const check of ['seccomp', 'capabilities', 'namespaces'])
      expect(judged(`container_${check}`)).to.match(/^.*, expected .*\n$/);
  });

  it('is wrong without a seccomp filter, with what Docker complained of', () => {
    expect(judged('container_seccomp', { Seccomp: '0' })).to.equal(
      'mode 0, expected 2\nwhat docker complained of\nno\n',
    );
  });

  it('is wrong with other capabilities', () => {
    expect(judged('container_capabilities', { CapEff: '000001ffffffffff' })).to.match(/\nno\n$/);
  });

  it('is wrong where a limit did not take', () => {
    expect(judged('container_limits', { 'memory.max': 'max' })).to.match(
      /^memory, pids, cpu max 50 .*\nno\n$/,
    );
  });

  it("is wrong in one of the machine's own namespaces, and where it said nothing", () => {
    const shared = judged('container_namespaces', { net: readlinkSync('/proc/self/ns/net') });
    expect(shared).to.equal('own mnt pid ipc uts cgroup, expected mnt pid net ipc uts cgroup\nno\n');
    expect(judged('container_namespaces', { mnt: '' })).to.match(/\nno\n$/);
  });

  it('needs no AppArmor profile where the image has nothing that loads it', () => {
    expect(judged('container_apparmor', { profile: 'unconfined' }, 'no')).to.equal(
      'profile unconfined: the image has no apparmor\n',
    );
    expect(judged('container_apparmor', { profile: 'unconfined' })).to.match(/\nno\n$/);
  });
});

import { expect } from 'chai';
import { ownRows } from '../../../lib/vm/own-containers';
import {
  type BootReport,
  complaints,
  expectedChecks,
  type Having,
  table,
} from '../../../lib/vm/verify-report';

const ALL: Having = {
  docker: true,
  state: true,
  network: true,
  sysctl: true,
  swap: true,
  rows: [
    { name: 'both', title: 'this is so' },
    { name: 'once', title: 'that is so', boot: 1 },
  ],
};
const NONE: Having = { docker: false, state: false, sysctl: false, swap: false, network: true, rows: [] };

const passed = (boot: 1 | 2): BootReport => ({
  milestones: { kernel: 0.5, init: 2, 'root mounted': 3.25, 'multi-user': 20 },
  checks: expectedChecks(boot, ALL).map((name) => ({ name, ok: true, detail: 'fine' })),
  versions: { kernel: '6.1.0', docker: '20.10.24' },
});

describe('a report of verify', () => {
  it('has no complaint when every expected check passed', () => {
    expect(complaints(passed(1), 1, ALL)).to.deep.equal([]);
    expect(complaints(passed(2), 2, ALL)).to.deep.equal([]);
  });

  it('complains about a missing check and a failed one alike', () => {
    const report = passed(1);
    report.checks = report.checks
      .filter(({ name }) => name !== 'container-ran')
      .map((check) => (check.name === 'units' ? { ...check, ok: false, detail: 'docker.service' } : check));
    expect(complaints(report, 1, ALL)).to.deep.equal([
      'a container ran: not checked',
      'no failed units: no; docker.service',
    ]);
  });

  it('says the versions of what was running', () => {
    const machine = { accelerator: 'tcg', via: 'direct', memory: '1G', cpus: 2 } as const;
    const boots = [passed(1), { ...passed(2), versions: {} }];
    const lines = table({ release: 'abc', passed: true, machine, boots }, []);
    expect(lines[1]).to.equal('kernel 6.1.0, docker 20.10.24');
  });

  it('has a row for each container of the configuration', () => {
    const rows = ownRows({ containers: { web: { restart: 'always' } } });
    const check = { name: 'runs:web', ok: false, detail: 'ended with 3, its log: no such file' };
    const report = passed(2);
    expect(complaints({ ...report, checks: [...report.checks, check] }, 2, { ...ALL, rows })).to.deep.equal([
      'the container web runs: no; ended with 3, its log: no such file',
    ]);
    expect(complaints(report, 2, { ...ALL, rows })).to.deep.equal(['the container web runs: not checked']);
  });

  it('starts with the reason why a boot stopped', () => {
    expect(complaints({ ...passed(1), stopped: 'timed out after 9 s' }, 1, ALL)).to.deep.equal([
      'timed out after 9 s',
    ]);
  });

  it('checks at the second boot only what the first one left', () => {
    expect(expectedChecks(1, ALL)).to.include('image-made').and.not.to.include('image-kept');
    expect(expectedChecks(2, ALL)).to.include('image-kept').and.not.to.include('image-made');
    expect(expectedChecks(2, ALL)).to.include('root-after-reboot');
  });

  it('looks at a container from inside at the first boot, and at the volume it wrote to at the second', () => {
    const inside = ['seccomp', 'apparmor', 'capabilities', 'limits', 'namespaces', 'port', 'name'];
    const names = ['image-built', ...inside.map((name) => `container-${name}`)];
    expect(expectedChecks(1, ALL)).to.include.members(names).and.not.to.include('volume-kept');
    expect(expectedChecks(2, ALL)).to.include('volume-kept').and.not.to.include.members(names);
  });

  it('has rows of what the configuration promises, at the boot that they belong to', () => {
    expect(expectedChecks(1, ALL)).to.include.members(['both', 'once']);
    expect(expectedChecks(2, ALL)).to.include('both').and.not.to.include('once');
    const report = passed(1);
    report.checks = report.checks.filter(({ name }) => name !== 'once');
    expect(complaints(report, 1, ALL)).to.deep.equal(['that is so: not checked']);
  });

  it('checks nothing of the network where the machine has no card', () => {
    const names = ['network', 'container-network'];
    expect(expectedChecks(1, ALL)).to.include.members(names);
    expect(expectedChecks(1, { ...ALL, network: false })).not.to.include.members(names);
    expect(expectedChecks(1, { ...ALL, network: false })).to.include('container-port');
  });

  it('checks nothing of Docker where it is disabled', () => {
    expect(expectedChecks(1, NONE)).to.deep.equal(['root-stacked', 'root-unwritable', 'volumes', 'units']);
  });

  it('checks what the configuration promises, and nothing that it does not', () => {
    for (const promise of ['sysctl', 'swap'] as const) {
      expect(expectedChecks(1, NONE)).not.to.include(promise);
      expect(expectedChecks(2, { ...NONE, [promise]: true })).to.include(promise);
    }
    expect(expectedChecks(1, { ...NONE, state: true })).to.include('identity');
  });

  it('is a table of both boots, with a dash for a stage that was not reached', () => {
    const second = passed(2);
    delete second.milestones['multi-user'];
    const machine = { accelerator: 'kvm', via: 'bios', memory: '1G', cpus: 2 } as const;
    const lines = table({ release: 'abc', passed: true, machine, boots: [passed(1), second] }, ALL.rows);
    expect(lines[0]).to.equal('release abc (by BIOS, KVM, 2 processors, 1G)');
    expect(lines).to.include('root mounted          3.3 s        3.3 s');
    expect(lines).to.include('multi-user           20.0 s            -');
    expect(lines.join('\n')).not.to.contain('docker ready');
    expect(lines).to.include('ok     the image is still there, after the reboot: fine');
    expect(lines).to.include('ok     this is so, after the reboot: fine');
  });
});

import { expect } from 'chai';
import { roles } from '../../../../lib/distributions/debian/roles';
import type { KernelDemands } from '../../../../lib/distributions/provider';
import { cleanUp, load, problemsOf } from '../../config/workspace';

const DISTRIBUTION: KernelDemands = { modules: true, apparmor: true };

describe('what an image needs beside the packages that it names', () => {
  afterEach(cleanUp);
  const of = (text: string, kernel = DISTRIBUTION): string[] =>
    roles(load({ 'dock0.yaml': `distribution: debian\n${text}` }).base, kernel).map(
      ({ packages }) => packages,
    );

  it("is Docker, devices, and what the kernel's modules and its AppArmor are loaded with", () => {
    expect(of('packages: [systemd, systemd-sysv]\n')).to.deep.equal([
      ...['docker-ce|docker.io', 'udev', 'kmod', 'apparmor'],
    ]);
  });

  it('is nothing that it names itself', () => {
    expect(of('packages: [systemd, docker.io/bookworm-backports, udev, kmod=30, apparmor]\n')).to.deep.equal(
      [],
    );
    expect(of('packages: [docker-ce]\n', { modules: true, apparmor: false })).to.deep.equal([]);
  });

  it('is less with a kernel that has no modules, or no AppArmor', () => {
    const without = { modules: false, apparmor: false };
    expect(of('packages: [systemd]\n', without)).to.deep.equal(['docker-ce|docker.io', 'udev']);
  });

  it('is the Docker that `docker.engine` names, and none without Docker', () => {
    expect(of('docker: {engine: docker-ce}\n')).to.include('docker-ce');
    expect(of('packages: [systemd]\ndocker: {enabled: false}\n')).to.deep.equal(['udev', 'kmod']);
  });

  it('is nftables where Docker sets its rules with it', () => {
    expect(of('docker: {daemon: {firewall-backend: nftables}}\n')).to.include('nftables');
  });

  it('is what sets the time, where the configuration speaks of it and names none', () => {
    expect(of('packages: [systemd]\n')).not.to.include('systemd-timesyncd');
    expect(of('packages: [systemd]\ntime: {wait: true}\n')).to.include('systemd-timesyncd');
    expect(of('packages: [systemd]\ntime: {servers: [10.0.0.1]}\n')).to.include('systemd-timesyncd');
    expect(of('packages: [systemd, chrony]\ntime: {wait: true}\n')).not.to.include('systemd-timesyncd');
  });

  it('is refused where `docker.engine` says another than the packages', () => {
    const text = 'distribution: debian\npackages: [docker.io]\ndocker: {engine: docker-ce}\n';
    expect(problemsOf({ 'dock0.yaml': text })).to.deep.equal([
      'dock0.yaml:3:18: docker.engine: expected docker.io, which `packages` has, found docker-ce',
    ]);
    expect(problemsOf({ 'dock0.yaml': 'distribution: arch\ndocker: {engine: docker.io}\n' })).to.deep.equal([
      "dock0.yaml:2:18: docker.engine: expected auto, found docker.io: that is Debian's, Arch has one Docker",
    ]);
  });
});

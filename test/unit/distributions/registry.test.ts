import { writeFileSync } from 'node:fs';
import { expect } from 'chai';
import { readConfig } from '../../../lib/config/load';
import type { Config } from '../../../lib/config/schema';
import { allDistributions, distributions, hostDistribution } from '../../../lib/distributions';
import { arch } from '../../../lib/distributions/arch';
import { platformOf } from '../../../lib/distributions/check';
import { debian } from '../../../lib/distributions/debian';
import type { Distribution } from '../../../lib/distributions/provider';
import { cleanUp, workspace } from '../config/workspace';

describe('the distributions', () => {
  afterEach(cleanUp);
  const names = ['arch', 'debian'];
  const known = (distribution: Distribution) => new Map([[distribution.name, platformOf(distribution)]]);
  const loaded = (yaml: string, distribution: Distribution, host?: string): Config => {
    const cwd = workspace({ 'dock0.yaml': yaml });
    return readConfig({ cwd, env: {}, platforms: { names, host } }).finish(known(distribution)).base;
  };

  it('have the name that the registry has', async () => {
    expect((await allDistributions()).map(({ name }) => name)).to.deep.equal(Object.keys(distributions));
  });

  it("are found by os-release: the host's own name before those it derives from", () => {
    const cwd = workspace({});
    const found = (text: string): string | undefined => {
      writeFileSync(`${cwd}/os-release`, text);
      return hostDistribution(`${cwd}/os-release`);
    };
    expect(found('NAME="Arch Linux"\nID=arch\n')).to.equal('arch');
    expect(found('ID="cachyos"\nID_LIKE="arch"\n')).to.equal('arch');
    expect(found("ID=mint\nID_LIKE='ubuntu debian'\n")).to.equal('debian');
    expect(found('ID=debian\n')).to.equal('debian');
    expect(found('ID=archive\nID_LIKE=constructor\n')).to.equal(undefined);
    expect(hostDistribution(`${cwd}/missing`)).to.equal(undefined);
  });

  it('and releases are names once a configuration is loaded, never auto', () => {
    const here = { ...debian, release: () => 'sid' };
    expect(loaded('', here, 'debian')).to.deep.include({ distribution: 'debian', release: 'sid' });
    expect(loaded('release: trixie\n', here, 'debian').release).to.equal('trixie');
    expect(loaded('release: auto\n', arch, 'arch')).to.deep.include({
      distribution: 'arch',
      release: undefined,
    });
    expect(loaded('distribution: arch\nrelease: trixie\npackages: [a]\n', arch).release).to.equal(undefined);
  });

  it('of each host are its own', () => {
    const cwd = workspace({
      'dock0.yaml': 'distribution: arch\n',
      'hosts/a.yaml': 'distribution: debian\nrelease: sid\n',
    });
    const read = readConfig({ cwd, env: {}, hosts: ['a'], platforms: { names, host: undefined } });
    expect(read.distributions).to.deep.equal(['arch', 'debian']);
    const { base, hosts } = read.finish(new Map([...known(arch), ...known(debian)]));
    expect([base.release, hosts[0]?.config.release]).to.deep.equal([undefined, 'sid']);
    expect(hosts[0]?.own).to.deep.include({ distribution: 'debian', release: 'sid' });
  });

  it('are reported with the line when they are unknown, or when auto has no meaning on this host', () => {
    const problem = (yaml: string, host?: string): string => {
      try {
        loaded(yaml, { ...debian, release: () => undefined }, host);
      } catch (error) {
        return (error as Error).message;
      }
      return '';
    };
    expect(problem('name: x\ndistribution: debain\n')).to.equal(
      'dock0.yaml:2:15: distribution: expected one of auto, arch, debian, found "debain"; did you mean "debian"?',
    );
    expect(problem('name: x\ndistribution: auto\n')).to.equal(
      'dock0.yaml:2:15: distribution: expected one of arch, debian, found auto: this host runs none of them',
    );
    expect(problem('distribution: debian\nrelease: auto\n')).to.equal(
      'dock0.yaml:2:10: release: expected a release of debian, found auto: this host runs none of them',
    );
  });

  it('refuse a configuration that needs what they lack', () => {
    const { kernel: _1, removal: _2, ...rest } = debian;
    const yaml = 'name: x\nkernel:\n  provider: package\ncleanup:\n  packages: [a]\n';
    expect(() => loaded(yaml, rest, 'debian'))
      .to.throw('dock0.yaml:3:13: kernel.provider: expected source or file, found package: debian has no')
      .with.property('message')
      .that.includes('cleanup.packages: expected an empty list: debian has no way to remove packages');
  });

  it('know the package of each tool that any of them needs on its host', () => {
    for (const host of [arch, debian]) {
      for (const { tools } of [arch, debian]) {
        for (const { name } of tools)
          expect(host.toolPackages[name], `${name} on ${host.name}`).to.be.a('string');
      }
    }
    expect(Object.keys(arch.toolPackages)).to.deep.equal(Object.keys(debian.toolPackages));
  });

  it('install packages on a host, on Arch without newer lists, which would be half an upgrade', () => {
    expect(arch.installCommands(['gnupg', 'curl'])).to.deep.equal([
      ['pacman', '-S', '--noconfirm', '--needed', '--', 'gnupg', 'curl'],
    ]);
    expect(debian.installCommands(['gnupg']).map((words) => words.slice(0, 2))).to.deep.equal([
      ['apt-get', 'update'],
      ['apt-get', 'install'],
    ]);
  });

  it('know the names of their package files', () => {
    const { packageOf } = debian.downloads;
    expect(packageOf('docker.io_1%3a20.10.24-1_amd64.deb')).to.deep.equal({
      name: 'docker.io',
      version: '1:20.10.24-1',
    });
    expect(arch.downloads.packageOf('ca-certificates-1:2024-2-any.pkg.tar.zst.sig')).to.deep.equal({
      name: 'ca-certificates',
      version: '1:2024-2',
    });
    for (const { downloads } of [arch, debian]) expect(downloads.packageOf('control')).to.equal(undefined);
  });
});

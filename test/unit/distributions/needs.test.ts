import { expect } from 'chai';
import { arch } from '../../../lib/distributions/arch';
import { checkNeeds } from '../../../lib/distributions/needs';
import { cleanUp, load } from '../config/workspace';

describe('packages without a program that loads AppArmor profiles', () => {
  afterEach(cleanUp);
  const said = (names: readonly string[], apparmor: boolean, keys = ''): string[] => {
    const warned: string[] = [];
    const { base: config } = load({ 'dock0.yaml': `distribution: arch\n${keys}` });
    const packages = ['systemd-sysvcompat', 'systemd', 'docker', 'kmod', ...names].map((name) => ({ name }));
    const placeOf = (): string => 'dock0.yaml:1:1: packages';
    checkNeeds(
      packages,
      arch.packagesFor,
      { modules: true, apparmor },
      { config, placeOf, warn: (line) => void warned.push(line) },
    );
    return warned;
  };

  it('are said where the kernel has AppArmor and the image Docker', () => {
    expect(said([], true)).to.deep.equal([
      'dock0.yaml:1:1: packages: the kernel has AppArmor, but no package brings apparmor_parser: containers run unconfined, and with a Docker before 23 not at all; add apparmor, or apparmor=0 to kernel.cmdline',
    ]);
    expect(said(['apparmor'], true)).to.deep.equal([]);
    expect(said([], false)).to.deep.equal([]);
    expect(said([], true, 'docker: {enabled: false}\n')).to.deep.equal([]);
  });
});

import { expect } from 'chai';
import type { BuildContext } from '../../../lib/build';
import type { KernelDemands } from '../../../lib/distributions/provider';
import { demandsOf } from '../../../lib/kernel/demands';
import { cleanUp, load } from '../config/workspace';

describe('what a kernel needs of the packages', () => {
  afterEach(cleanUp);
  const of = (
    kernel: string,
    more: Record<string, string> = {},
    distribution = 'debian',
  ): Promise<KernelDemands> =>
    demandsOf({
      config: load({
        'dock0.yaml': `distribution: ${distribution}\nkernel: ${kernel}\n`,
        vmlinuz: '',
        ...more,
      }).base,
    } as BuildContext);

  it("is known of the distribution's", async () => {
    expect(await of('{provider: package}')).to.deep.equal({ modules: true, apparmor: true });
    expect(await of('{provider: package}', {}, 'arch')).to.deep.equal({ modules: true, apparmor: false });
  });

  it('is what the command line leaves of it', async () => {
    expect(await of('{cmdline: [apparmor=0]}')).to.have.property('apparmor', false);
    expect(await of('{cmdline: ["lsm=landlock,yama"]}')).to.have.property('apparmor', false);
    expect(await of('{cmdline: [security=selinux]}')).to.have.property('apparmor', false);
    expect(await of('{cmdline: ["lsm=landlock,apparmor"]}', {}, 'arch')).to.have.property('apparmor', true);
  });

  it('is in the fragments and options of one from source', async () => {
    const source = 'provider: source, source: {debian: linux-source}';
    expect(await of(`{${source}, fragments: [boot, docker]}`)).to.deep.equal({
      modules: false,
      apparmor: true,
    });
    expect(
      await of(`{${source}, fragments: [boot, docker], options: {MODULES: y, SECURITY_APPARMOR: n}}`),
    ).to.deep.equal({
      modules: true,
      apparmor: false,
    });
    expect(await of(`{${source}, base: def}`)).to.deep.equal({ modules: true, apparmor: false });
    expect(
      await of(`{${source}, base: ./base.config}`, { 'base.config': 'CONFIG_SECURITY_APPARMOR=y\n' }),
    ).to.deep.equal({
      modules: false,
      apparmor: true,
    });
  });

  it('is in the .config beside a file', async () => {
    const file = 'provider: file, file: ./vmlinuz';
    expect(await of(`{${file}}`)).to.deep.equal({ modules: false, apparmor: false });
    expect(
      await of(`{${file}, config_file: ./config}`, { config: 'CONFIG_SECURITY_APPARMOR=y\n' }),
    ).to.deep.equal({
      modules: false,
      apparmor: true,
    });
  });
});

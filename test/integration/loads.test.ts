import { expect } from 'chai';
import { workFolder } from '../helpers/gulp';
import { tinyHost } from '../helpers/tiny-host';

describe('modules.load', () => {
  const work = workFolder();
  const host = tinyHost(() => work.path());

  it('is warned of where it has modules that the kernel lacks', async () => {
    host.write('modules/6.1.0/modules.dep', 'kernel/net/bridge/br_netfilter.ko:\n');
    host.write('modules/6.1.0/kernel/net/bridge/br_netfilter.ko', 'no module\n');
    host.configure({
      kernel: { provider: 'file', file: './vmlinuz', modules: './modules' },
      modules: { load: ['br_netfitler', 'br_netfilter'] },
    });
    const { code, output } = await host.task(['install']);
    expect(code, output).to.equal(0);
    const said =
      'warning: modules.load: the kernel 6.1.0 has no module br_netfitler; did you mean br_netfilter?';
    expect(output.split(said)).to.have.length(2);
    expect(output.match(/warning: modules\.load/g)).to.have.length(1);
  });
});

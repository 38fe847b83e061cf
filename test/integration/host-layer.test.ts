import { expect } from 'chai';
import { workFolder } from '../helpers/gulp';
import { tinyHost } from '../helpers/tiny-host';

describe('the names of a host', function () {
  this.timeout(120_000);
  const work = workFolder();
  const host = tinyHost(() => work.path());
  const hosts = async (keys: object): Promise<string> => {
    host.configure({ hostname: 'box', ...keys });
    const { code, output } = await host.task(['install']);
    expect(code, output).to.equal(0);
    return host.content('etc/hosts');
  };

  it('are generated, unless an overlay or a template for all hosts has /etc/hosts', async () => {
    host.write('ov/etc/hosts', '10.0.0.1 mine\n');
    host.write('ov/etc/hostname', 'mine\n');
    host.write('tpl/etc/hosts.ejs', '10.0.0.2 <%= hostname %>\n');
    expect(await hosts({})).to.contain('127.0.1.1\tbox');
    expect(await hosts({ overlay: ['./ov'] })).to.equal('10.0.0.1 mine');
    expect(await host.content('etc/hostname')).to.equal('box');
    expect(await hosts({ templates: ['./tpl'] })).to.equal('10.0.0.2 box');
    expect(await host.content('etc/hostname')).to.equal('box');
    expect(await hosts({ overlay: ['./ov'], permissions: { '/etc/hosts': { mode: '0600' } } })).to.equal(
      '10.0.0.1 mine',
    );
  });

  it('are made too late for permissions, which is said', async () => {
    host.configure({ permissions: { '/etc/hosts': { mode: '0600' } } });
    const { output } = await host.task(['install']);
    expect(output).to.match(
      /permissions\.\/etc\/hosts: the image has no such file or folder\n +\/etc\/hostname is made last/,
    );
  });
});

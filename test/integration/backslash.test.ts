import { expect } from 'chai';
import { workFolder } from '../helpers/gulp';
import { tinyHost } from '../helpers/tiny-host';

describe('a project folder with a backslash, which tar(1) takes for the beginning of an escape', () => {
  const work = workFolder();
  const host = tinyHost(() => work.path('x\\temp\\040\\n'));

  it('builds as any other, in a folder and in an image', async () => {
    host.write('files/etc/motd', 'welcome\n');
    for (const backend of ['overlay', 'image']) {
      host.configure({ overlay: './files', fs: { backend, size: '64M', type: 'ext4' } });
      const { code, output } = await host.task(['install']);
      expect(code, output).to.equal(0);
      expect(await host.content('etc/motd')).to.equal('welcome');
    }
  });
});

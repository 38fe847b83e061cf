import { basename, dirname, join } from 'node:path';
import { expect } from 'chai';
import { archRepository } from '../fixtures/arch/make-repo';
import { startMirror } from '../fixtures/arch/mirror';
import { FIXTURES, gulp, PROJECT, SHARED_CACHE, workFolder } from '../helpers/gulp';
import { reportOf } from '../helpers/verified';

/** With mkinitcpio it boots among the tests of integration. */
describe('configs/arch.yaml, with our own initramfs', () => {
  const work = workFolder();

  it('boots, and runs a container from its volume, before and after a reboot', async () => {
    const repository = await archRepository({ cache: SHARED_CACHE });
    const mirror = await startMirror(dirname(repository.folder), 18_766);
    try {
      const files = [join(PROJECT, 'configs/arch.yaml'), join(FIXTURES, 'arch/offline.yaml')];
      const { code, output } = await gulp(['verify', ...files.flatMap((file) => ['--config', file])], {
        cwd: work.path(),
        env: {
          ARCH_MIRROR: `${mirror.origin}/${basename(repository.folder)}/$repo/os/$arch`,
          ARCH_KEY: repository.key,
        },
      });
      expect(code, output).to.equal(0);
      expect(reportOf(work.path('build/arch')).passed).to.equal(true);
    } finally {
      mirror.close();
    }
  });
});

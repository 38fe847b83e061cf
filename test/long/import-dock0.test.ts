import { cpSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { expect } from 'chai';
import { archRepository } from '../fixtures/arch/make-repo';
import { type Mirror, startMirror } from '../fixtures/arch/mirror';
import { writeImage } from '../helpers/container-image';
import { FIXTURES, type GulpResult, gulp, SHARED_CACHE, workFolder } from '../helpers/gulp';
import { passedDetail, reportOf } from '../helpers/verified';

/** What the notes of the import ask for, and packages from the fixture's repository: its accounts are fewer than Arch's. */
const AFTERWARDS = `include: dock0.yaml
kernel: {provider: package, package: linux, source: ~, base: ~, revision: ~}
install: {cow: ~}
images: [./web.tar]
cleanup: {users: []}
verify: {timeout: 1200}
`;

describe('a host of a dock0 stack that was imported', () => {
  const work = workFolder();
  let mirror: Mirror;
  let env: Record<string, string> = {};
  before(async () => {
    const repository = await archRepository({ cache: SHARED_CACHE });
    mirror = await startMirror(dirname(repository.folder), 18_766);
    env = {
      ARCH_MIRROR: `${mirror.origin}/${basename(repository.folder)}/$repo/os/$arch`,
      ARCH_KEY: repository.key,
    };
    cpSync(join(FIXTURES, 'my_dock0'), work.path(), { recursive: true, verbatimSymlinks: true });
  });
  after(() => mirror.close());
  const task = (...args: string[]): Promise<GulpResult> => gulp(args, { cwd: work.path(), env });

  it('boots, has its addresses, and runs its containers', async () => {
    const imported = await task('import-dock0', 'config.yaml', 'configs/harbor.yaml', 'configs/pier.yaml');
    expect(imported.code, imported.output).to.equal(0);
    writeFileSync(work.path('afterwards.yaml'), AFTERWARDS);
    writeFileSync(work.path('overlay/etc/fstab'), '');
    writeImage(work.path('web.tar'), ['example/web:latest'], 'of the web');
    const files = ['afterwards.yaml', join(FIXTURES, 'arch/offline.yaml')];
    const { code, output } = await task(
      'verify',
      '--host',
      'pier',
      ...files.flatMap((file) => ['--config', file]),
    );
    expect(code, output).to.equal(0);
    const { boots } = reportOf(work.path('build/pier'));
    for (const boot of boots)
      for (const name of ['runs:web', 'interface:e*', 'identity'])
        expect(passedDetail(boot, name), `${name}: ${output}`).to.not.equal(undefined);
  });
});

import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { expect } from 'chai';
import { run } from '../../lib/system/process';
import { type ArchRepository, archRepository } from '../fixtures/arch/make-repo';
import { type Mirror, startMirror } from '../fixtures/arch/mirror';
import {
  FIXTURES,
  type GulpResult,
  gulp,
  PROJECT,
  SHARED_CACHE,
  stepsThatRan,
  workFolder,
} from '../helpers/gulp';
import { leftovers } from '../helpers/leftovers';
import { PACKAGE_TOOLS, recorder } from '../helpers/recorder';

/** The same in every run where it is free, so that the package lists of an earlier one are still this mirror's. */
const PORT = 18_766;

describe('configs/arch.yaml, with only the mirror and the keys of another', () => {
  const work = workFolder();
  let repository: ArchRepository;
  let mirror: Mirror;
  const task = (...args: string[]): Promise<GulpResult> => taskIn({}, ...args);
  const taskIn = (env: object, ...args: string[]): Promise<GulpResult> => {
    const config = [
      '--config',
      join(PROJECT, 'configs/arch.yaml'),
      '--config',
      join(FIXTURES, 'arch/offline.yaml'),
      '--set',
      'lock=dock0.lock',
    ];
    const server = `${mirror.origin}/${basename(repository.folder)}/$repo/os/$arch`;
    return gulp([...args, ...config], {
      cwd: work.path(),
      env: { ARCH_MIRROR: server, ARCH_KEY: repository.key, ...env },
    });
  };

  before(async () => {
    repository = await archRepository({ cache: SHARED_CACHE });
    mirror = await startMirror(dirname(repository.folder), PORT);
    const { code, output } = await task('build');
    expect(code, output).to.equal(0);
  });
  after(() => mirror.close());

  it('builds a release of packages that pacman installed', async () => {
    const release = work.path('build/arch/current');
    await run('sha256sum', ['--check', '--strict', '--quiet', 'SHA256SUMS'], { cwd: release });
    const manifest = JSON.parse(readFileSync(join(release, 'manifest.json'), 'utf8'));
    expect(manifest.packages.map(({ name }: { name: string }) => name)).to.include.members([
      'filesystem',
      'pacman',
      'docker',
    ]);
    const { stdout } = await run('unsquashfs', [
      '-ls',
      '-d',
      '',
      join(release, 'layers/10-packages.squashfs'),
    ]);
    expect(stdout)
      .to.match(/^\/var\/lib\/pacman\/local\/docker-/m)
      .and.match(/^\/usr\/bin\/dockerd$/m);
    // Left out by `exclude`.
    expect(stdout).to.not.match(/^\/usr\/share\/man\/man1\//m);
  });

  it('sends no request and runs no step when nothing changed', async () => {
    mirror.behave();
    const { code, output } = await task('build');
    expect(code, output).to.equal(0);
    expect(stepsThatRan(output)).to.deep.equal([]);
    expect(mirror.requests).to.deep.equal([]);
  });

  it('locked, kernel included, starts no package manager for what is in the cache', async () => {
    const { env, started } = recorder(work.path('bin'), PACKAGE_TOOLS);
    const { code, output } = await task('lock');
    expect(code, output).to.equal(0);
    expect(readFileSync(work.path('dock0.lock'), 'utf8')).to.match(
      /^ {4}kernel:\n.*\n +- linux\n +packages:\n +linux:$/m,
    );
    for (const time of ['first', 'second']) {
      const built = await taskIn(env, 'build');
      expect(built.code, built.output).to.equal(0);
      expect(stepsThatRan(built.output), time).to.deep.equal([]);
      expect(started(), time).to.equal('');
    }
  });

  it('leaves nothing behind', async () => {
    expect(await leftovers(work.path(), work.path('cache'))).to.deep.equal([]);
  });
});

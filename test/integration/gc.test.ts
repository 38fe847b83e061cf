import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { FIXTURES, gulp, SHARED_CACHE, stepsThatRan, workFolder } from '../helpers/gulp';

const SMALL = join(FIXTURES, 'small.yaml');

describe('gulp gc and gulp clean', () => {
  const work = workFolder();
  const run = async (task: string, ...args: string[]): Promise<string> => {
    const { code, output } = await gulp(
      [task, '--config', SMALL, '--cache', work.path('cache'), '--set', 'install.target=directory', ...args],
      { cwd: work.path() },
    );
    expect(code, output).to.equal(0);
    return output;
  };

  before(async () => {
    expect((await gulp(['kernel', '--config', SMALL], { cwd: work.path() })).code).to.equal(0);
    expect((await gulp(['pacstrap', '--config', SMALL], { cwd: work.path() })).code).to.equal(0);
    mkdirSync(work.path('cache'));
    for (const name of ['apt', 'downloads', 'store']) {
      cpSync(join(SHARED_CACHE, name), work.path(`cache/${name}`), {
        recursive: true,
        preserveTimestamps: true,
        verbatimSymlinks: true,
        filter: (path) =>
          !/\/(kernel\/|store\/(?!kernel|pacstrap|rootfs)[a-z])/.test(path.slice(SHARED_CACHE.length)),
      });
    }
    for (const key of readdirSync(work.path('cache/apt'))) {
      const conf = work.path(`cache/apt/${key}/apt.conf`);
      writeFileSync(conf, readFileSync(conf, 'utf8').replaceAll(SHARED_CACHE, work.path('cache')));
    }
    await run('build', '--set', 'hostname=first');
    await run('build', '--set', 'hostname=second', '--set', 'install.releases=1');
  });

  it('say how much they would free, and free nothing, on a dry run', async () => {
    const before = readdirSync(work.path('cache/store/host')).length;
    expect(await run('gc', '--dry-run')).to.match(/would remove host [0-9a-f]{12}.*would free [\d.]+ \w+/s);
    expect(readdirSync(work.path('cache/store/host')).length).to.equal(before);
  });

  it('free what no kept release uses, and keep what one does', async () => {
    writeFileSync(work.path('cache/downloads/debian/nothing_1_all.deb'), 'x');
    mkdirSync(work.path('cache/downloads/pacman/core'), { recursive: true });
    writeFileSync(work.path('cache/downloads/pacman/core/nothing-1-1-any.pkg.tar.zst.sig'), 'x');
    mkdirSync(work.path('cache/tmp/left'), { recursive: true });
    expect(await run('gc')).to.match(/freed [\d.]+ \w+; \d+ artifacts stay/);
    expect(existsSync(work.path('cache/downloads/debian/nothing_1_all.deb'))).to.equal(false);
    expect(
      readdirSync(work.path('cache/downloads/pacman/core')).filter((name) => name.startsWith('nothing')),
    ).to.deep.equal([]);
    expect(existsSync(work.path('cache/tmp'))).to.equal(false);
    expect(readdirSync(work.path('cache/store/host'))).to.have.length(1);
    expect(
      stepsThatRan(await run('build', '--set', 'hostname=second', '--set', 'install.releases=1')),
    ).to.deep.equal([]);
  });

  it('remove a build, which then comes back from the cache', async () => {
    expect(await run('clean')).to.match(/removed .*small: [\d.]+ MiB freed/);
    expect(existsSync(work.path('build/small'))).to.equal(false);
    expect(
      stepsThatRan(await run('build', '--set', 'hostname=second', '--set', 'install.releases=1')),
    ).to.deep.equal(['install']);
    rmSync(work.path('cache'), { recursive: true, force: true });
  });
});

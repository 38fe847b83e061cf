import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { RECORD_FORMAT } from '../../lib/engine/fingerprint';
import { FIXTURES, type GulpResult, gulp, SHARED_CACHE, stepsThatRan, workFolder } from '../helpers/gulp';
import { storedArtifacts } from '../helpers/store';
import { tinyHost } from '../helpers/tiny-host';

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
    const before = storedArtifacts(work.path('cache'), 'host').length;
    expect(await run('gc', '--dry-run')).to.match(/would remove host [0-9a-f]{12}.*would free [\d.]+ \w+/s);
    expect(storedArtifacts(work.path('cache'), 'host').length).to.equal(before);
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
    expect(storedArtifacts(work.path('cache'), 'host')).to.have.length(1);
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

describe('gulp gc of what kernels leave', () => {
  const work = workFolder();
  const gc = (...args: string[]): Promise<GulpResult> =>
    gulp(['gc', '--config', SMALL, '--cache', work.path('cache'), ...args], { cwd: work.path() });

  /** A file of the cache that was used so many days ago, with the folder it lies in. */
  const put = (path: string, days: number): void => {
    const file = work.path(`cache/${path}`);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, 'x'.repeat(5000));
    const time = Date.now() / 1000 - days * 86_400;
    for (const aged of [file, dirname(file)]) utimesSync(aged, time, time);
  };
  const left = (path: string): string[] => readdirSync(work.path(`cache/${path}`)).sort();
  /** An artifact that a kept release consists of. */
  const keep = (values: object): void => {
    const entry = {
      step: 'kernel',
      fingerprint: 'f'.repeat(64),
      record: { format: RECORD_FORMAT, step: 'kernel', version: 1, values, files: [], tools: {}, needs: {} },
      ...{ meta: {}, digest: '', bytes: 0, paths: 0, took: 0, made: 'abc' },
    };
    const folder = work.path(`cache/store/kernel/${'f'.repeat(32)}`);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'artifact.json'), JSON.stringify(entry));
    mkdirSync(work.path('release'), { recursive: true });
    writeFileSync(work.path('release/manifest.json'), JSON.stringify({ packages: [] }));
    const record = { folder: work.path('release'), artifacts: [entry.fingerprint], content: {} };
    mkdirSync(work.path('cache/releases'), { recursive: true });
    writeFileSync(work.path('cache/releases/one.json'), JSON.stringify(record));
  };

  beforeEach(() => {
    rmSync(work.path('cache'), { recursive: true, force: true });
    rmSync(work.path('release'), { recursive: true, force: true });
  });

  it('keeps the two trees of each kind that were used last, and says what the others took', async () => {
    for (const [name, days] of Object.entries({ a: 4, b: 3, c: 2, d: 1 })) {
      put(`kernel/sources/${name}/Makefile`, days);
      put(`kernel/objects/${name}-gcc/vmlinux`, days);
      put(`kernel/objects/${name}-gcc.count`, days);
    }
    const { code, output } = await gc();
    expect(code, output).to.equal(0);
    expect(output)
      .to.match(/removing kernel source a, [\d.]+ KiB/)
      .and.match(/removing kernel objects b-gcc, [\d.]+ KiB/);
    expect(left('kernel/sources')).to.deep.equal(['c', 'd']);
    expect(left('kernel/objects').filter((name) => !name.endsWith('.guard'))).to.include.members([
      'c-gcc',
      'd-gcc',
    ]);
    expect(left('kernel/objects').join()).to.not.match(/[ab]-gcc(\.count|\.removed|,|$)/);
  });

  it('counts a tarball with its signature as one download, a list of releases as none', async () => {
    for (const [version, days] of Object.entries({ '6.1.1': 5, '6.1.2': 4, '6.1.3': 3, '6.1.4': 2 })) {
      put(`downloads/kernel/0123abcd-linux-${version}.tar.xz`, days);
      put(`downloads/kernel/4567cdef-linux-${version}.tar.sign`, days);
    }
    put('downloads/kernel/0123abcd-linux-6.1.5.tar.xz.part', 6);
    put('downloads/kernel/releases-0123abcd.json', 0);
    keep({ provider: 'source', source: { version: '6.1.1' } });
    expect((await gc()).output)
      .to.contain('removing download linux-6.1.2, ')
      .and.contain('download linux-6.1.5');
    expect(left('downloads/kernel')).to.deep.equal([
      '0123abcd-linux-6.1.1.tar.xz',
      '0123abcd-linux-6.1.3.tar.xz',
      '0123abcd-linux-6.1.4.tar.xz',
      '4567cdef-linux-6.1.1.tar.sign',
      '4567cdef-linux-6.1.3.tar.sign',
      '4567cdef-linux-6.1.4.tar.sign',
      'releases-0123abcd.json',
    ]);
  });

  it('keeps of kernel packages the newest of each series, and those of kept releases and of the lock', async () => {
    const packages = {
      'linux-source-6.1_6.1.1-1_all.deb': 9,
      'linux-source-6.1_6.1.2-1_all.deb': 8,
      'linux-source-6.1_6.1.3-1_all.deb': 7,
      'linux-source-6.12_6.12.1-1_all.deb': 7,
      'linux-image-6.1.0-1-cloud-amd64_6.1.1-1_amd64.deb': 6,
      'linux-image-6.1.0-2-cloud-amd64_6.1.2-1_amd64.deb': 5,
      'linux-image-6.1.0-3-cloud-amd64_6.1.3-1_amd64.deb': 4,
      'linux-image-6.1.0-4-cloud-amd64_6.1.4-1_amd64.deb': 3,
    };
    for (const [name, days] of Object.entries(packages)) put(`downloads/debian/${name}`, days);
    keep({
      provider: 'package',
      packages: { 'linux-image-6.1.0-1-cloud-amd64': '6.1.1-1 0123456789abcdef' },
    });
    writeFileSync(work.path('dock0.lock'), lockOf('linux-image-6.1.0-2-cloud-amd64', '6.1.2-1'));
    expect((await gc('--set', `lock=${work.path('dock0.lock')}`)).output).to.contain(
      'removing package linux-source-6.1_6.1.1-1_all.deb, 4.9 KiB',
    );
    expect(left('downloads/debian')).to.deep.equal([
      'linux-image-6.1.0-1-cloud-amd64_6.1.1-1_amd64.deb',
      'linux-image-6.1.0-2-cloud-amd64_6.1.2-1_amd64.deb',
      'linux-image-6.1.0-4-cloud-amd64_6.1.4-1_amd64.deb',
      'linux-source-6.12_6.12.1-1_all.deb',
      'linux-source-6.1_6.1.3-1_all.deb',
    ]);
  });

  it('clears away what a killed one was removing', async () => {
    put('kernel/sources/aaaa.removed/Makefile', 0);
    put('store/kernel/bbbb/one/files/vmlinuz', 0);
    expect((await gc()).output).to.match(/removing remains of aaaa/);
    expect(left('kernel/sources')).to.deep.equal([]);
    expect(left('store/kernel')).to.deep.equal([]);
  });
});

function lockOf(name: string, version: string): string {
  const facts = {
    ...{ version, architecture: 'amd64', repository: 'main', path: 'pool/x.deb' },
    ...{ sha256: 'ab'.repeat(32), bytes: 1, snapshot: '2026-01-01' },
  };
  const kernel = { wanted: ['linux-image-cloud-amd64'], packages: { [name]: facts } };
  return JSON.stringify({
    lock: 1,
    images: { small: { distribution: 'debian', architecture: 'x86_64', kernel } },
  });
}

describe('gulp gc beside a build in one command', () => {
  const work = workFolder();
  const host = tinyHost(work.path);

  it('waits for the build, whose release it keeps, wherever it stands', async () => {
    host.configure({ hostname: 'one' });
    for (const tasks of [
      ['install', 'gc'],
      ['gc', 'install'],
    ]) {
      const { code, output } = await host.task(tasks);
      expect(code, output).to.equal(0);
      expect(output).to.match(/^install +(done|cached)[\s\S]*artifacts stay/m);
      expect(existsSync(host.path(`build/tiny/releases/${host.id()}/vmlinuz`))).to.equal(true);
    }
    const { output } = await host.task(['install']);
    expect(stepsThatRan(output)).to.deep.equal([]);
  });
});

import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import { run } from '../../lib/system/process';
import {
  currentId,
  FIXTURES,
  type GulpResult,
  gulp,
  PROJECT,
  SHARED_CACHE,
  startGulp,
  stepsThatRan,
  workFolder,
} from '../helpers/gulp';
import { leftovers } from '../helpers/leftovers';
import { storedArtifacts } from '../helpers/store';

const SMALL = join(FIXTURES, 'small.yaml');

/** What a person sees: a failure without a stack. */
function expectClear({ code, output }: GulpResult, ...parts: (string | RegExp)[]): void {
  expect(code, output).to.equal(1);
  for (const part of parts) {
    if (typeof part === 'string') expect(output).to.contain(part);
    else expect(output).to.match(part);
  }
  expect(output).to.not.match(/^\s+at .*:\d+:\d+\)?$/m);
}

describe('bad input', () => {
  const work = workFolder();
  const build = (...args: string[]): Promise<GulpResult> =>
    gulp(['build', '--config', SMALL, ...args], { cwd: work.path() });

  it('on the command line is named with a suggestion', async () => {
    expectClear(await build('--explian'), '--explian', '--explain');
    expectClear(await build('--host', 'nobody'), 'nobody');
  });

  it('a chroot command that fails is shown with its output and its step; nothing is stored', async () => {
    const before = storedArtifacts(SHARED_CACHE, 'customize');
    expectClear(
      await build('--set', 'commands.chroot=["echo from the command; ls /no-such; exit 3"]'),
      'customize: --set commands.chroot: commands.chroot.0: the command "echo from the command; ls /no-such; exit 3" failed in the chroot with exit code 2',
      'from the command',
      "'/no-such': No such file",
    );
    expect(storedArtifacts(SHARED_CACHE, 'customize')).to.deep.equal(before);
    expect(await leftovers(work.path(), SHARED_CACHE)).to.deep.equal([]);
  });

  it('a template that throws is named with file and line', async () => {
    mkdirSync(work.path('templates/etc'), { recursive: true });
    writeFileSync(work.path('templates/etc/motd'), 'fine\n<%= vars.some.thing %>\n');
    expectClear(await build('--set', 'templates=templates'), /customize: templates\/etc\/motd:2: /);
  });

  it('a disk image that is too small says how much it takes', async () => {
    expectClear(
      await build('--set', 'install.size=60M'),
      'install.size: the release does not fit',
      /at least \d+M/,
    );
  });
});

describe('a fault', () => {
  const work = workFolder();
  const cache = (): string => work.path('cache');
  const build = (args: string[] = [], through: string[] = [], env = {}): Promise<GulpResult> =>
    gulp(['build', '--config', SMALL, '--cache', cache(), ...args], { cwd: work.path(), through, env });

  before(async () => {
    // Packages downloaded, lists fetched, nothing built: what a first build left before it was interrupted.
    expect((await gulp(['build', '--config', SMALL], { cwd: work.path() })).code).to.equal(0);
    mkdirSync(cache());
    for (const name of ['apt', 'downloads'])
      cpSync(join(SHARED_CACHE, name), join(cache(), name), { recursive: true });
    for (const key of readdirSync(join(cache(), 'apt'))) {
      const conf = join(cache(), 'apt', key, 'apt.conf');
      writeFileSync(conf, readFileSync(conf, 'utf8').replaceAll(SHARED_CACHE, cache()));
    }
  });

  it('no network is none when all packages are downloaded', async () => {
    const { code, output } = await build([], ['unshare', '--net', '--']);
    expect(code, output).to.equal(0);
    expect(stepsThatRan(output)).to.include('pacstrap');
  });

  it('no network and nothing downloaded is said in a line', async () => {
    expectClear(
      await gulp(['build', '--config', SMALL, '--cache', work.path('empty')], {
        cwd: work.path(),
        through: ['unshare', '--net', '--'],
      }),
      /the package lists of \w+ cannot be fetched/,
      'Check the network connection',
    );
  });

  it('not being root is said in a line', async () => {
    chmodSync(work.path(), 0o755);
    mkdirSync(work.path('nobody'));
    chmodSync(work.path('nobody'), 0o777);
    const nobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', '--'];
    const result = await gulp(
      [
        'rootfs',
        '--config',
        SMALL,
        '--cache',
        work.path('nobody/cache'),
        '--output',
        work.path('nobody/build'),
      ],
      { cwd: PROJECT, through: nobody },
    );
    expect(result.code, result.output).to.equal(0);
    const refused = await gulp(
      [
        'kernel',
        '--config',
        SMALL,
        '--set',
        'kernel.provider=file',
        '--set',
        `kernel.file=${join(FIXTURES, 'small.yaml')}`,
        '--cache',
        work.path('nobody/cache'),
        '--output',
        work.path('nobody/build'),
      ],
      { cwd: PROJECT, through: nobody },
    );
    expectClear(refused, 'kernel needs root: it', 'sudo npx gulp');
  });

  it("a cache that is another user's is said in a line, with what to do", async () => {
    const nobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', '--'];
    const { code, output } = await gulp(['update', '--config', SMALL], { cwd: work.path(), through: nobody });
    expect(code, output).to.equal(1);
    expect(output).to.contain('permission denied').and.contain('--cache');
    expect(output).to.not.match(/^\s+at .*:\d+:\d+\)?$/m);
  });

  for (const size of ['100m', '200m'])
    it(`a full disk (${size}) is said in a line, and nothing half-made stays`, async () => {
      const disk = work.path('disk');
      mkdirSync(disk, { recursive: true });
      const script =
        'mount -t tmpfs -o size="$SIZE" tmpfs "$1"; shift; "$@"; code=$?; (cd "$DISK/cache" && find store tmp -mindepth 1 -maxdepth 2) | sed "s/^/left: /"; exit $code';
      const through = [
        'unshare',
        '--mount',
        '--',
        'env',
        `DISK=${disk}`,
        `SIZE=${size}`,
        'sh',
        '-c',
        script,
        'sh',
        disk,
      ];
      const result = await gulp(['pacstrap', '--config', SMALL, '--cache', join(disk, 'cache')], {
        cwd: work.path(),
        through,
      });
      expectClear(result, /no space left on the disk/, 'gulp gc');
      expect(result.output).to.not.match(/left: (store\/pacstrap|tmp\/)/);
    });

  it('a flipped bit in a stored artifact is found, named and made good, in the release too', async () => {
    expect((await build()).code).to.equal(0);
    const id = currentId(work.path());
    const file = join(storedArtifacts(cache(), 'squash:packages')[0] ?? '', '10-packages.squashfs');
    await run('dd', ['if=/dev/zero', `of=${file}`, 'bs=1', 'seek=5000', 'count=1', 'conv=notrunc']);
    const { code, output } = await build();
    expect(code, output).to.equal(0);
    expect(output).to.match(/squash:packages +damaged in the cache: 10-packages\.squashfs has other content/);
    expect(stepsThatRan(output)).to.include('squash:packages').and.not.include('pacstrap');
    expect(currentId(work.path())).to.equal(id);
    await run('sha256sum', ['--check', '--strict', '--quiet', 'SHA256SUMS'], {
      cwd: work.path('build/small/current'),
    });
  });

  it('no overlayfs for the cache (as in a container) is said, and the release is the same', async () => {
    const script =
      'cd "$DIR" && mkdir -p lower upper work merged && mount -t overlay -o lowerdir=lower,upperdir=upper,workdir=work overlay merged && cd "$OLDPWD" && exec "$@"';
    const dir = work.path('container');
    mkdirSync(dir);
    const own = ['--set', 'commands.chroot=["mkdir -p /srv/new && touch /srv/new/file"]'];
    const inContainer = (...args: string[]): Promise<GulpResult> =>
      gulp(
        ['build', '--config', SMALL, '--cache', join(dir, 'merged/cache'), '--output', 'copied', ...args],
        {
          cwd: work.path(),
          through: ['unshare', '--mount', '--', 'env', `DIR=${dir}`, 'sh', '-c', script, 'sh'],
        },
      );
    const without = await inContainer(...own);
    expect(without.code, without.output).to.equal(0);
    expect(without.output).to.contain(
      'overlayfs cannot write to the cache: changes are kept in memory first',
    );
    const stacked = await build([...own, '--output', 'stacked']);
    expect(stacked.code, stacked.output).to.equal(0);
    const sums = (name: string): string[] =>
      readFileSync(work.path(`${name}/small/current/SHA256SUMS`), 'utf8')
        .split('\n')
        .filter((line) => line.includes('layers/'));
    expect(sums('copied')).to.deep.equal(sums('stacked'));
    // What such a file system can't hold is said.
    expectClear(
      await inContainer('--set', 'cleanup.paths=[/etc/services]'),
      "the cache's file system cannot record the removal of /etc/services",
      '--cache on a volume',
    );
  });

  it('two builds at once share the work and make the same release', async () => {
    const own = ['--set', 'hostname=twice', '--force', 'customize'];
    const results = await Promise.all([
      build([...own, '--output', 'one']),
      build([...own, '--output', 'two']),
    ]);
    for (const { code, output } of results) expect(code, output).to.equal(0);
    const ids = ['one', 'two'].map(
      (name) => JSON.parse(readFileSync(work.path(`${name}/small/current/manifest.json`), 'utf8')).release,
    );
    expect(ids[0]).to.equal(ids[1]);
  });

  for (const [signal, moments] of [
    ['SIGINT', 2],
    ['SIGKILL', 2],
  ] as const) {
    it(`${signal} at ${moments} moments of a build leaves nothing behind, and the next build is as if undisturbed`, async () => {
      const output = work.path('build');
      const undisturbed = currentId(work.path());
      const started = performance.now();
      expect((await build(['--force', 'rootfs', '--force', 'kernel'])).code).to.equal(0);
      const whole = performance.now() - started;
      for (let moment = 1; moment <= moments; moment++) {
        const { child, result } = startGulp(
          ['build', '--config', SMALL, '--cache', cache(), '--force', 'rootfs', '--force', 'kernel'],
          { cwd: work.path() },
        );
        await pause((whole * (moment - 0.5)) / moments);
        // A terminal sends Ctrl-C to the whole group; a SIGKILL hits the one process.
        if (child.exitCode === null)
          process.kill(signal === 'SIGINT' ? -(child.pid as number) : (child.pid as number), signal);
        await result;
        const left = await leftovers(work.path(), cache());
        expect(left, `after moment ${moment}`).to.deep.equal([]);
        expect(readdirSync(join(output, 'small')).filter((name) => name.startsWith('.'))).to.deep.equal([]);
      }
      const after = await build();
      expect(after.code, after.output).to.equal(0);
      expect(currentId(work.path())).to.equal(undisturbed);
      await run('sha256sum', ['--check', '--strict', '--quiet', 'SHA256SUMS'], {
        cwd: work.path('build/small/current'),
      });
    });
  }

  it('of nothing: the same configuration gives the same release from an empty cache in another folder', async () => {
    const other = work.path('other/place');
    mkdirSync(other, { recursive: true });
    symlinkSync(join(PROJECT, 'node_modules'), join(other, 'node_modules'));
    const { code, output } = await gulp(['build', '--config', SMALL, '--cache', join(other, 'cache')], {
      cwd: other,
    });
    expect(code, output).to.equal(0);
    const hash = async (folder: string): Promise<string> =>
      (await run('sha256sum', ['disk.img', 'manifest.json'], { cwd: join(folder, 'build/small/current') }))
        .stdout;
    expect(currentId(other)).to.equal(currentId(work.path()));
    expect(await hash(other)).to.equal(await hash(work.path()));
  });
});

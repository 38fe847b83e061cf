import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect } from 'chai';
import { RELEASES_START } from '../../lib/install/layout';
import { findTool } from '../../lib/system/find-tool';
import { run } from '../../lib/system/process';
import { damage, damageScript } from '../helpers/damage';
import { type GulpResult, stepsThatRan, workFolder } from '../helpers/gulp';
import { storedArtifacts } from '../helpers/store';
import { tinyHost } from '../helpers/tiny-host';

const LAYER = '10-packages.squashfs';

describe('a file that is damaged, with the time of its last change restored,', () => {
  const work = workFolder();
  const host = tinyHost(() => work.path());
  /** Has a hook damage something, once. */
  const flag = (): string => work.path('damage-it');
  const store = (step: string): string => work.path(`cache/store/${step}`);
  const stored = (): string => join(storedArtifacts(work.path('cache'), 'squash:packages')[0] ?? '', LAYER);
  const current = (output: string): string => resolve(work.path(), output, 'tiny/current');
  let sums = '';
  /** On another file system. */
  let elsewhere = '';

  const build = (args: string[] = [], env: Record<string, string> = {}): Promise<GulpResult> =>
    host.task(['install', ...args], { env });
  /** Builds without a disturbance, which ends with the right bytes. */
  const succeed = async (args: string[] = [], env = {}): Promise<string[]> => {
    const { code, output } = await build(args, env);
    expect(code, output).to.equal(0);
    await expectRight(args[1] ?? 'build');
    return stepsThatRan(output);
  };
  const expectRight = async (output: string): Promise<void> => {
    await run('sha256sum', ['--check', '--strict', '--quiet', 'SHA256SUMS'], { cwd: current(output) });
    const layers = (text: string): string[] => text.split('\n').filter((line) => line.includes('layers/'));
    expect(layers(readFileSync(join(current(output), 'SHA256SUMS'), 'utf8'))).to.deep.equal(layers(sums));
  };
  /** A build while something is damaged, which says so in a line and leaves the release that was there. */
  const fail = async (args: string[], said: RegExp, env = {}): Promise<void> => {
    writeFileSync(flag(), '');
    const { code, output } = await build(args, env);
    expect(existsSync(flag()), output).to.equal(false);
    expect(code, output).to.equal(1);
    expect(output).to.match(said);
    expect(output)
      .to.contain('Build again')
      .and.not.match(/^\s+at .*:\d+:\d+\)?$/m);
    expect(existsSync(current(args[1] ?? 'build'))).to.equal(false);
  };
  const hook = (name: string, find: string): void => host.write(name, damageScript(flag(), find), 0o755);

  before(async () => {
    elsewhere = mkdtempSync('/dev/shm/dock0-test-');
    host.configure({});
    const { code, output } = await build(['--output', 'undisturbed']);
    expect(code, output).to.equal(0);
    sums = readFileSync(join(current('undisturbed'), 'SHA256SUMS'), 'utf8');
  });
  beforeEach(() => {
    for (const name of ['build', 'other', 'cache']) rmSync(work.path(name), { recursive: true, force: true });
    host.configure({});
  });

  it('in the cache before a build is made again, in the release too', async () => {
    await succeed();
    await damage(stored());
    expect(await succeed()).to.deep.equal(['install', 'squash:packages']);
    expect(await succeed()).to.deep.equal([]);
  });

  it('in the release, where it is the same file as in the cache, is made again in both', async () => {
    await succeed();
    await damage(join(current('build'), 'layers', LAYER));
    // Another release that has the file comes first.
    expect(await succeed(['--output', 'other'])).to.include.members(['squash:packages', 'install']);
    await succeed();
    expect(await succeed()).to.deep.equal([]);
  });

  after(() => rmSync(elsewhere, { recursive: true, force: true }));
  for (const [where, output] of [
    ['linked to', () => []],
    ['copied to', () => ['--output', elsewhere]],
  ] as const) {
    it(`between its check and the moment it is ${where} the release is found then`, async () => {
      hook('pre', `'${store('squash-packages')}' -name '${LAYER}'`);
      host.configure({ hooks: { 'pre-install': ['./pre'] } });
      await fail(
        output(),
        /install: layers\/10-packages\.squashfs \(made by squash:packages\) has other content/,
      );
      expect(await succeed(output())).to.deep.equal(['install', 'squash:packages']);
      expect(await succeed(output())).to.deep.equal([]);
    });
  }

  it('right after it went into the release is found before the build ends, or by the next one', async () => {
    hook('post', `'${work.path('build/tiny/releases')}' -name '${LAYER}'`);
    host.configure({ hooks: { 'post-install': ['./post'] } });
    writeFileSync(flag(), '');
    const { code, output } = await build();
    expect(code, output).to.equal(1);
    expect(output).to.match(
      /install: squash:packages was damaged in the cache meanwhile: 10-packages\.squashfs /,
    );
    expect(await succeed()).to.include.members(['install', 'squash:packages']);
    expect(await succeed()).to.deep.equal([]);
  });

  it('while the disk image is written is found before there is a release', async () => {
    mkdirSync(work.path('bin'), { recursive: true });
    const script = damageScript(flag(), `'${store('squash-packages')}' -name '${LAYER}'`);
    // It is asked for its version, too.
    const before = `#!/bin/sh -e\ncase "$*" in *-d*) ;; *) exec ${findTool('mke2fs')} "$@";; esac\n`;
    const after = script
      .replace('#!/bin/sh -e\n', '')
      .replace('|| exit 0', `|| exec ${findTool('mke2fs')} "$@"`);
    host.write('bin/mke2fs', `${before}${after}exec ${findTool('mke2fs')} "$@"\n`, 0o755);
    host.configure({ install: { target: 'image' } });
    const env = { PATH: `${work.path('bin')}:${process.env.PATH}` };
    await fail(
      [],
      /install: layers\/10-packages\.squashfs \(made by squash:packages\) has other content/,
      env,
    );
    expect(await succeed([], env)).to.deep.equal(['install', 'squash:packages']);
    expect(await succeed([], env)).to.deep.equal([]);
    const image = `${join(current('build'), 'disk.img')}?offset=${RELEASES_START}`;
    const inside = `/dock0/${host.id()}/layers/${LAYER}`;
    await run('debugfs', ['-R', `dump ${inside} "${work.path('dumped')}"`, image]);
    expect(readFileSync(work.path('dumped')).equals(readFileSync(stored()))).to.equal(true);
  });

  it('in the installed packages while a layer is packed of them does not become a layer', async () => {
    const script = damageScript(flag(), `'${store('pacstrap')}' -path '*/bin/busybox' -type f`);
    const when = '[ "$DOCK0_STEP" = squash:packages ] || exit 0\n';
    host.write('pre', script.replace('\n', `\n${when}`), 0o755);
    host.configure({ hooks: { 'pre-squash': ['./pre'] } });
    await fail(
      [],
      /(squash:packages|customize|initramfs): pacstrap was damaged in the cache meanwhile: layer\/bin\/busybox has other content/,
    );
    expect(await succeed()).to.include.members(['pacstrap', 'squash:packages', 'install']);
    expect(await succeed()).to.deep.equal([]);
  });
});

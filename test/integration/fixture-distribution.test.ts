import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { distributions, hostDistribution } from '../../lib/distributions';
import { run } from '../../lib/system/process';
import { busybox } from '../fixtures/distributions/busybox';
import { FIXTURES, PROJECT, stepsThatRan, workFolder } from '../helpers/gulp';
import { leftovers } from '../helpers/leftovers';
import { storedArtifacts } from '../helpers/store';
import { tinyHost } from '../helpers/tiny-host';

describe('a distribution and a step that a gulpfile adds by a line each', () => {
  const work = workFolder();
  const host = tinyHost(work.path);
  const cache = (): string => work.path('cache');
  const succeed = async (...args: string[]): Promise<string> => {
    const { code, output } = await host.task(args);
    expect(code, output).to.equal(0);
    return output;
  };
  const fail = async (...args: string[]): Promise<string> => {
    const { code, output } = await host.task(args);
    expect(code, output).to.equal(1);
    expect(output).to.not.match(/^\s+at .*:\d+:\d+\)?$/m);
    return output;
  };

  before(() => {
    host.configure({});
    host.write(
      'gulpfile.ts',
      `import gulp from 'gulp';
import { distributions, dock0 } from '${join(PROJECT, 'tasks')}';
distributions.busybox = () => import('${join(FIXTURES, 'distributions/busybox')}').then(({ busybox }) => busybox);
import { scan } from '${join(FIXTURES, 'steps/scan')}';
const tasks = dock0({ steps: { scan } });
export const { install, lock, outdated, update, doctor, gc } = tasks;
export const scanning = tasks.scan;
export default gulp.series(tasks.squash, tasks.scan, tasks.install);
`,
    );
  });

  it('is built into a release with its layers, its version and its name', async () => {
    await succeed('install');
    const release = work.path('build/tiny/current');
    await run('sha256sum', ['--check', '--strict', '--quiet', 'SHA256SUMS'], { cwd: release });
    const layer = join(release, 'layers/10-packages.squashfs');
    const { stdout } = await run('unsquashfs', ['-lls', '-d', '', layer]);
    expect(stdout)
      .to.match(/^-rwxr-xr-x root\/root .* \/bin\/busybox$/m)
      .and.match(/^-rwxr-xr-x root\/root .* \/sbin\/init$/m);
    for (const name of ['30-custom', '40-host'])
      expect(existsSync(join(release, `layers/${name}.squashfs`)), name).to.equal(true);
    const manifest = JSON.parse(readFileSync(join(release, 'manifest.json'), 'utf8'));
    expect(manifest.created).to.equal('2026-01-01T00:00:00.000Z');
    expect(manifest.packages).to.deep.equal([{ name: 'busybox', version: '1.0-1', arch: 'x86_64' }]);
    expect(manifest.config.distribution).to.equal('busybox');
    expect(manifest.config).to.not.have.property('release');
  });

  it('is built once', async () => {
    expect(stepsThatRan(await succeed('install'))).to.deep.equal([]);
  });

  it('is locked, compared and updated like any other', async () => {
    await succeed('lock');
    const lock = readFileSync(work.path('dock0.lock'), 'utf8');
    expect(lock).to.match(/^ {4}distribution: busybox\n {4}architecture: /m);
    expect(lock).to.match(/^ {8}busybox:\n {10}version: 1\.0-1$/m);
    expect(stepsThatRan(await succeed('install'))).to.deep.equal([]);
    expect(await succeed('outdated')).to.contain('every locked package is the newest available');
    expect(await succeed('update')).to.contain('1 packages, unchanged');
    expect(readFileSync(work.path('dock0.lock'), 'utf8')).to.equal(lock);
  });

  it('keeps the downloads that a release was made of', async () => {
    await succeed('gc');
    expect(existsSync(join(cache(), 'downloads/busybox/busybox_1.0-1.tar'))).to.equal(true);
  });

  it('has its tools among those that doctor shows', async () => {
    expect(await succeed('doctor'))
      .to.match(/^mksquashfs +\d/m)
      .and.match(/^unsquashfs .* scan$/m);
  });

  it('has the step made between the others, from the cache where nothing changed', async () => {
    expect(stepsThatRan(await succeed('default'))).to.deep.equal(['scan']);
    const [path = ''] = storedArtifacts(cache(), 'scan');
    expect(readFileSync(join(path, 'setuid.txt'), 'utf8')).to.match(/^10-packages\.squashfs: 0$/m);
    expect(stepsThatRan(await succeed('scan'))).to.deep.equal([]);
    expect(await succeed('scan', '--explain', '--dry-run', '--set', 'squash.level=5')).to.match(
      /^scan +would run\n( .*\n)* +squash:packages changed$/m,
    );
  });

  it('has hooks around the step', async () => {
    host.write('hook', '#!/bin/sh\necho from-hook > "$DOCK0_OUT/hook"\n', 0o755);
    const hooks = `hooks=${JSON.stringify({ 'post-scan': [work.path('hook')] })}`;
    expect(stepsThatRan(await succeed('scan', '--set', hooks))).to.deep.equal(['scan']);
    expect(readFileSync(join(storedArtifacts(cache(), 'scan')[0] ?? '', 'hook'), 'utf8')).to.equal(
      'from-hook\n',
    );
  });

  it('says what it does not have, with the line', async () => {
    const set = (value: string): string[] => ['install', '--dry-run', '--set', 'lock=none', '--set', value];
    expect(await fail(...set('cleanup.packages=[busybox]'))).to.contain(
      '--set cleanup.packages: expected an empty list: busybox has no way to remove packages',
    );
    expect(await fail(...set('kernel.provider=package'))).to.contain(
      '--set kernel.provider: expected source or file, found package: busybox has no kernel package',
    );
    expect(await fail(...set('initramfs.builder=mkinitcpio'))).to.contain(
      '--set initramfs.builder: expected dock0, found mkinitcpio, which busybox does not have',
    );
    expect(await fail(...set('mirror=[http://x]'))).to.contain(
      '--set mirror: expected auto: busybox has no repositories',
    );
    expect(await fail(...set('packages=[vi]'))).to.contain('no package "vi" in busybox');
    expect(await fail(...set('distribution=busibox'))).to.contain(
      'expected one of auto, arch, busybox, debian, found "busibox"; did you mean "busybox"?',
    );
  });

  it('is what auto stands for on a host that runs it', () => {
    writeFileSync(work.path('os-release'), 'ID=busybox\n');
    expect(hostDistribution(work.path('os-release'))).to.equal(undefined);
    distributions.busybox = async () => busybox;
    try {
      expect(hostDistribution(work.path('os-release'))).to.equal('busybox');
    } finally {
      delete distributions.busybox;
    }
  });

  it('leaves nothing behind', async () => {
    expect(await leftovers(work.path(), cache())).to.deep.equal([]);
  });
});

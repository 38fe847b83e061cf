import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { findTool } from '../../lib/system/find-tool';
import { type GulpResult, gulp, workFolder } from '../helpers/gulp';
import { leftovers } from '../helpers/leftovers';
import { fixtures, sufficient } from '../unit/kernel/support';

describe('gulp kernel, from source', () => {
  const work = workFolder();
  const cache = (): string => work.path('cache');

  const kernel = (
    lines: string,
    env: Record<string, string> = {},
    words = ['kernel'],
  ): Promise<GulpResult> => {
    const source = JSON.stringify({ file: join(fixtures, 'linux-9.1.2.tar.xz') });
    writeFileSync(work.path('dock0.yaml'), `kernel:\n  provider: source\n  source: ${source}\n${lines}`);
    return gulp(words, {
      cwd: work.path(),
      env: { DOCK0_CACHE: cache(), ...env },
    });
  };

  it('refuses a kernel that lacks what the image needs, before it compiles anything', async () => {
    const { code, output } = await kernel('  options: {NET: y}\n');
    expect(code).to.equal(1);
    expect(output)
      .to.contain('this kernel lacks what the image needs')
      .and.contain('CONFIG_SQUASHFS: the read-only root');
    expect(await leftovers(work.path(), cache())).to.deep.equal([]);
  });

  it('names a misspelt option with its fragment, line and the nearest name', async () => {
    writeFileSync(work.path('net.config'), '# mine\nCONFIG_NET=y\n# CONFIG_BRIDG is not set\n');
    const { code, output } = await kernel('  fragments: [./net.config]\n');
    expect(code).to.equal(1);
    expect(output)
      .to.contain("net.config:3: CONFIG_BRIDG=n can't be set")
      .and.contain('did you mean BRIDGE?');
  });

  it('is checked without being compiled, with a line on what takes its time', async () => {
    const { output } = await kernel('  options: {NET: y}\n', { DOCK0_CACHE: work.path('fresh') }, [
      'kernel:check',
    ]);
    expect(output).to.contain('unpacking linux-9.1.2.tar.xz').and.contain('SQUASHFS');
    expect(output.match(/unpacking/g)).to.have.length(1);
    expect(await leftovers(work.path(), work.path('fresh'))).to.deep.equal([]);
  });

  it('refuses an existing kernel by its .config, and checks again when the image needs something else', async () => {
    const config = (...lines: string[]): void =>
      writeFileSync(work.path('kernel.config'), [...necessary, ...lines, ''].join('\n'));
    const necessary = sufficient()
      .filter((line) => line !== 'VETH=y')
      .map((line) => `CONFIG_${line}`);
    writeFileSync(work.path('vmlinuz'), 'a kernel');
    writeFileSync(
      work.path('dock0.yaml'),
      'kernel: {provider: file, file: ./vmlinuz, config_file: ./kernel.config}\n',
    );
    const take = (...args: string[]): Promise<GulpResult> =>
      gulp(['kernel', ...args], { cwd: work.path(), env: { DOCK0_CACHE: cache() } });

    // It has no modules, so what is built as one is missing.
    config('CONFIG_VETH=m');
    const refused = await take();
    expect(refused.code).to.equal(1);
    expect(refused.output)
      .to.contain('this kernel lacks what the image needs')
      .and.contain('CONFIG_VETH: a network link into each container');

    config('CONFIG_VETH=y');
    const taken = await take();
    expect(taken.code, taken.output).to.equal(0);

    const other = await take('--set', 'squash.compression=lzo');
    expect(other.code).to.equal(1);
    expect(other.output).to.contain('CONFIG_SQUASHFS_LZO: layers compressed with lzo');

    const unconfined = await take('--set', 'packages=[apparmor]', '--set', 'kernel.cmdline=[lsm=yama]');
    expect(unconfined.code).to.equal(1);
    expect(unconfined.output).to.contain('CONFIG_LSM: the command line has lsm=yama, without apparmor');
    expect(await leftovers(work.path(), cache())).to.deep.equal([]);
  });

  it('names the compiler when it is missing', async () => {
    mkdirSync(work.path('bin'));
    for (const tool of [
      'setpriv',
      'flock',
      'sh',
      'cat',
      'rm',
      'sleep',
      'ld',
      'make',
      'flex',
      'bison',
      'bc',
    ]) {
      symlinkSync(findTool(tool) as string, work.path(`bin/${tool}`));
    }
    const { code, output } = await kernel('', { PATH: work.path('bin') });
    expect(code).to.equal(1);
    expect(output).to.contain('gcc is not installed').and.contain('gulp setup');
  });

  it('has a doctor that counts only necessary tools as missing, and a setup that installs the others too', async () => {
    mkdirSync(work.path('few'));
    for (const tool of ['setpriv', 'gcc']) symlinkSync(findTool(tool) as string, work.path(`few/${tool}`));
    const doctor = await kernel('', { PATH: work.path('few') }, ['doctor']);
    expect(doctor.code).to.equal(1);
    expect(doctor.output).to.match(/^ccache +not installed +kernel +gulp setup/m);
    expect(doctor.output)
      .to.match(/missing: .*\bmake\b/)
      .and.not.match(/missing: .*\bccache\b/);
    const setup = await kernel('', { PATH: work.path('few') }, ['setup', '--dry-run']);
    expect(setup.output).to.match(/will run: (apt-get install|pacman) .*\bccache\b/);
  });
});

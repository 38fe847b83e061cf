import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import { run } from '../../lib/system/process';
import { withSandbox } from '../../lib/system/sandbox';
import { startMirror } from '../fixtures/arch/mirror';
import { smallRepository } from '../fixtures/arch/small-repository';
import { archSuite } from '../helpers/arch';
import { gulp } from '../helpers/gulp';

describe('packages of an Arch repository', () => {
  const suite = archSuite();
  const isDependency = (name: string): boolean =>
    readFileSync(join(suite.layer(), `var/lib/pacman/local/${name}/desc`), 'utf8').includes('%REASON%\n1\n');

  it('are installed in one transaction, with groups and repositories named', async () => {
    const { code, output } = await suite.install(['letters', 'core/scripted']);
    expect(code, output).to.equal(0);
    expect(readdirSync(join(suite.layer(), 'usr/share')).sort()).to.include.members([
      'alpha',
      'beta',
      'scripted',
    ]);
    const installed = readdirSync(join(suite.layer(), 'var/lib/pacman/local')).filter((name) =>
      name.includes('-'),
    );
    expect(installed.sort()).to.deep.equal(['alpha-1-1', 'beta-1-1', 'scripted-1-1', 'shell-1-1']);
    expect(installed.filter(isDependency)).to.deep.equal(['shell-1-1']);
  });

  it('count as requested when they provide a requested name', async () => {
    const { code, output } = await suite.install(['sh', 'alpha']);
    expect(code, output).to.equal(0);
    expect(['shell-1-1', 'alpha-1-1', 'beta-1-1'].filter(isDependency)).to.deep.equal(['beta-1-1']);
  });

  it('run their scriptlets with a /dev of their own and the time of the newest package', async () => {
    const { code, output } = await suite.install(['scripted']);
    expect(code, output).to.equal(0);
    expect(readFileSync(join(suite.layer(), 'etc/scripted'), 'utf8')).to.equal('1767225600\n');
    expect(readFileSync(join(suite.layer(), 'etc/devices'), 'utf8').split('\n'))
      .to.include('null')
      .and.not.include('vda');
    expect(existsSync('/dev/planted')).to.equal(false);
  });

  it('make the same bytes each time', async () => {
    const hash = async (): Promise<string> => {
      await suite.forget('store/pacstrap');
      expect((await suite.install(['letters', 'scripted'])).code).to.equal(0);
      const names = ['--sort=name', '--numeric-owner', '-cf', '-', '-C', suite.layer(), '.'];
      return (await run('sh', ['-c', 'tar "$@" | sha256sum', 'sh', ...names])).stdout;
    };
    const first = await hash();
    await pause(1100);
    expect(await hash()).to.equal(first);
  });

  it('are not resolved again, and pacman is not started, when nothing changed', async () => {
    const config = suite.configuration(['alpha']);
    const build = () =>
      gulp(['pacstrap', '--config', config, '--cache', suite.cache()], { cwd: suite.path() });
    expect((await build()).code).to.equal(0);
    suite.mirror().behave();
    const { code, output } = await build();
    expect(code, output).to.equal(0);
    expect(output).to.match(/pacstrap +cached/);
    expect(suite.mirror().requests).to.deep.equal([]);
  });

  it('leave out what exclude names', async () => {
    const { code, output } = await suite.install(['alpha'], { exclude: ['/usr/share/doc/*'] });
    expect(code, output).to.equal(0);
    expect(existsSync(join(suite.layer(), 'usr/share/alpha/text'))).to.equal(true);
    expect(existsSync(join(suite.layer(), 'usr/share/doc/alpha/manual'))).to.equal(false);
  });

  it('may come from one repository while another has none', async () => {
    const empty = join(suite.repository().folder, 'nothing/os/x86_64');
    mkdirSync(empty, { recursive: true });
    await run('bsdtar', ['-czf', join(empty, 'nothing.db'), '--files-from', '/dev/null']);
    const repositories = [{ name: 'nothing', server: suite.mirror().server, sig_level: 'Optional TrustAll' }];
    const { code, output } = await suite.install(['beta'], { pacman: { repositories } });
    expect(code, output).to.equal(0);
  });

  it("may be files of the user's own, with dependencies from the repositories", async () => {
    const { code, output } = await suite.install(['shell'], { pacman: { local_packages: suite.local() } });
    expect(code, output).to.equal(0);
    expect(readdirSync(join(suite.layer(), 'usr/share')).sort()).to.deep.equal(['beta', 'mine']);
  });

  it('are installed without a network when they were before', async () => {
    expect((await suite.install(['letters'])).code).to.equal(0);
    await suite.forget('store/pacstrap');
    const config = suite.configuration(['letters']);
    const args = ['pacstrap', '--config', config, '--cache', suite.cache()];
    const { code, output } = await gulp(args, { cwd: suite.path(), through: ['unshare', '--net', '--'] });
    expect(code, output).to.equal(0);
  });

  it('with the name of others in the download cache have their own content and signature', async () => {
    expect((await suite.install(['beta'])).code).to.equal(0);
    await suite.forget('store/pacstrap');
    const other = await withSandbox(run, async (sandbox) => {
      const made = await smallRepository(suite.path('other'), sandbox.run);
      await made.add('core', [{ name: 'beta', files: { 'usr/share/beta/text': 'another beta\n' } }]);
      await made.add('extra', [{ name: 'gamma' }]);
      return made;
    });
    const mirror = await startMirror(other.folder);
    const { code, output } = await suite.install(['beta'], {
      mirror: [mirror.server],
      pacman: { keys: [other.key.file] },
    });
    await mirror.close();
    expect(code, output).to.equal(0);
    expect(readFileSync(join(suite.layer(), 'usr/share/beta/text'), 'utf8')).to.equal('another beta\n');
  });
});

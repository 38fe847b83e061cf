import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect } from 'chai';
import { archSuite } from '../helpers/arch';
import { gulp } from '../helpers/gulp';
import { leftovers } from '../helpers/leftovers';
import { storedArtifacts } from '../helpers/store';

describe('packages of an Arch repository, for several images at once,', () => {
  const suite = archSuite();

  /** Which files a mirror was asked for, without signatures, sorted. */
  const asked = (): string[] =>
    suite
      .mirror()
      .requests.map(({ path }) => basename(path))
      .filter((name) => !name.endsWith('.sig'))
      .sort();

  before(() => {
    mkdirSync(suite.path('configs/hosts'), { recursive: true });
    for (const [name, packages] of Object.entries({
      a: ['shell', 'alpha'],
      b: ['shell', 'scripted'],
      c: ['shell', 'beta'],
    })) {
      writeFileSync(suite.path(`configs/hosts/${name}.yaml`), JSON.stringify({ packages }));
    }
  });

  const build = (config: string) =>
    gulp(
      [
        'pacstrap',
        ...['a', 'b', 'c'].flatMap((name) => ['--host', name]),
        ...['--config', config, '--cache', suite.cache()],
      ],
      { cwd: suite.path() },
    );

  it('are downloaded once each, and the package lists too', async () => {
    const { code, output } = await build(suite.configuration([]));
    expect(code, output).to.equal(0);
    expect(asked()).to.deep.equal([
      'alpha-1-1-any.pkg.tar.zst',
      'beta-1-1-any.pkg.tar.zst',
      'core.db',
      'extra.db',
      'scripted-1-1-any.pkg.tar.zst',
      'shell-1-1-any.pkg.tar.zst',
    ]);
    expect(storedArtifacts(suite.cache(), 'pacstrap')).to.have.length(3);
    expect(await leftovers(suite.path(), suite.cache())).to.deep.equal([]);
  });

  it('come well when only the lists are in the cache', async () => {
    await suite.forget('downloads', 'store/pacstrap');
    const { code, output } = await build(suite.configuration([]));
    expect(code, output).to.equal(0);
    expect(asked()).to.have.length(4);
  });

  it('go with package files of the user that all of them have', async () => {
    await suite.forget('pacman', 'downloads', 'store/pacstrap');
    const { code, output } = await build(
      suite.configuration([], { pacman: { local_packages: suite.local() } }),
    );
    expect(code, output).to.equal(0);
    const layers = storedArtifacts(suite.cache(), 'pacstrap').map((path) =>
      readFileSync(join(path, 'layer/usr/share/mine'), 'utf8'),
    );
    expect(layers).to.deep.equal(['x\n', 'x\n', 'x\n']);
  });

  it('are downloaded once when the root has the kernel, too', async () => {
    const config = suite.configuration(['linux']);
    const args = ['pacstrap', 'kernel', '--config', config, '--cache', suite.cache()];
    const { code, output } = await gulp(args, { cwd: suite.path() });
    expect(code, output).to.equal(0);
    expect(asked().filter((name) => name.startsWith('linux'))).to.deep.equal(['linux-1.0-1-any.pkg.tar.zst']);
  });

  it('are downloaded once when two builds share a cache', async () => {
    await suite.forget('pacman', 'downloads', 'store/pacstrap');
    const config = suite.configuration(['alpha', 'shell']);
    const args = ['pacstrap', '--config', config, '--cache', suite.cache()];
    const results = await Promise.all([
      gulp(args, { cwd: suite.path() }),
      gulp([...args, '--host', 'b'], { cwd: suite.path() }),
    ]);
    for (const { code, output } of results) expect(code, output).to.equal(0);
    expect(asked()).to.deep.equal([...new Set(asked())]);
  });
});

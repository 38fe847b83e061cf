import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import { run } from '../../lib/system/process';
import { withSandbox } from '../../lib/system/sandbox';
import { type Mirror, startMirror } from '../fixtures/arch/mirror';
import { BAD, GOOD, type SmallRepository, smallRepository } from '../fixtures/arch/small-repository';
import { type GulpResult, gulp, startGulp, workFolder } from '../helpers/gulp';
import { leftovers } from '../helpers/leftovers';

describe('packages of an Arch repository', () => {
  const work = workFolder();
  let repository: SmallRepository;
  let mirror: Mirror;
  let second: Mirror;
  let local: string[] = [];
  const cache = (): string => work.path('cache');
  const configuration = (keys: object): string => {
    const file = work.path(`config-${readdirSync(work.path()).length}.yaml`);
    const base = {
      name: 'small',
      distribution: 'arch',
      docker: { enabled: false },
      volumes: { docker: null },
      network: { dhcp: false },
      mirror: [mirror.server],
    };
    // YAML takes JSON.
    writeFileSync(file, JSON.stringify({ ...base, ...keys }));
    return file;
  };
  const install = (
    packages: string[],
    keys: { pacman?: object; [key: string]: unknown } = {},
    ...args: string[]
  ): Promise<GulpResult> => {
    const pacman = { keys: [repository.key.file], ...keys.pacman };
    const config = configuration({ ...keys, packages, pacman });
    return gulp(['pacstrap', '--config', config, '--cache', cache(), ...args], { cwd: work.path() });
  };
  const layer = (): string => {
    const store = join(cache(), 'store/pacstrap');
    const newest = readdirSync(store).filter((name) => !name.startsWith('.'));
    return join(store, newest[0] ?? '', 'files/layer');
  };
  const forget = (...folders: string[]): Promise<unknown> =>
    run('rm', ['-rf', '--', ...folders.map((folder) => join(cache(), folder))]);
  const expectClear = async ({ code, output }: GulpResult, ...parts: (string | RegExp)[]): Promise<void> => {
    expect(code, output).to.equal(1);
    for (const part of parts) {
      if (typeof part === 'string') expect(output).to.contain(part);
      else if (!part.test(output)) expect.fail(`${part} is not in:\n${output}`);
    }
    expect(output).to.not.match(/^\s+at .*:\d+:\d+\)?$/m);
    expect(
      existsSync(join(cache(), 'store/pacstrap')) ? readdirSync(join(cache(), 'store/pacstrap')) : [],
    ).to.deep.equal([]);
    expect(await leftovers(work.path(), cache())).to.deep.equal([]);
  };

  before(async () => {
    await withSandbox(run, async (sandbox) => {
      repository = await smallRepository(work.path('repository'), sandbox.run);
      await repository.add('core', GOOD);
      await repository.add('extra', BAD);
      local = await repository.add('own', [
        { name: 'mine', depends: ['beta'], files: { 'usr/share/mine': 'x\n' } },
      ]);
    });
    mirror = await startMirror(repository.folder);
    second = await startMirror(repository.folder);
  });
  after(async () => {
    await mirror.close();
    await second.close();
  });
  beforeEach(() => forget('store/pacstrap'));
  afterEach(() => {
    mirror.behave();
    second.behave();
  });

  it('are installed in one transaction, with groups and repositories named', async () => {
    const { code, output } = await install(['letters', 'core/scripted']);
    expect(code, output).to.equal(0);
    expect(readdirSync(join(layer(), 'usr/share')).sort()).to.include.members(['alpha', 'beta', 'scripted']);
    const installed = readdirSync(join(layer(), 'var/lib/pacman/local')).filter((name) => name.includes('-'));
    expect(installed.sort()).to.deep.equal(['alpha-1-1', 'beta-1-1', 'scripted-1-1', 'shell-1-1']);
    const reason = (name: string): boolean =>
      readFileSync(join(layer(), `var/lib/pacman/local/${name}/desc`), 'utf8').includes('%REASON%\n1\n');
    expect(installed.filter(reason)).to.deep.equal(['shell-1-1']);
  });

  it('run their scriptlets with a /dev of their own and the time of the newest package', async () => {
    const { code, output } = await install(['scripted']);
    expect(code, output).to.equal(0);
    expect(readFileSync(join(layer(), 'etc/scripted'), 'utf8')).to.equal('1767225600\n');
    expect(readFileSync(join(layer(), 'etc/devices'), 'utf8').split('\n'))
      .to.include('null')
      .and.not.include('vda');
    expect(existsSync('/dev/planted')).to.equal(false);
  });

  it('come out the same bytes each time', async () => {
    const hash = async (): Promise<string> => {
      await forget('store/pacstrap');
      expect((await install(['letters', 'scripted'])).code).to.equal(0);
      const names = ['--sort=name', '--numeric-owner', '-cf', '-', '-C', layer(), '.'];
      return (await run('sh', ['-c', 'tar "$@" | sha256sum', 'sh', ...names])).stdout;
    };
    const first = await hash();
    await pause(1100);
    expect(await hash()).to.equal(first);
  });

  it('are not asked for again, nor is pacman, when nothing changed', async () => {
    const config = configuration({ packages: ['alpha'], pacman: { keys: [repository.key.file] } });
    const build = () => gulp(['pacstrap', '--config', config, '--cache', cache()], { cwd: work.path() });
    expect((await build()).code).to.equal(0);
    mirror.behave();
    const { code, output } = await build();
    expect(code, output).to.equal(0);
    expect(output).to.match(/pacstrap +cached/);
    expect(mirror.requests).to.deep.equal([]);
  });

  it('leave out what no_extract names', async () => {
    const { code, output } = await install(['alpha'], { pacman: { no_extract: ['usr/share/doc/*'] } });
    expect(code, output).to.equal(0);
    expect(existsSync(join(layer(), 'usr/share/alpha/text'))).to.equal(true);
    expect(existsSync(join(layer(), 'usr/share/doc/alpha/manual'))).to.equal(false);
  });

  it("may be files of the user's own, with dependencies from the repositories", async () => {
    const { code, output } = await install(['shell'], { pacman: { local_packages: local } });
    expect(code, output).to.equal(0);
    expect(readdirSync(join(layer(), 'usr/share')).sort()).to.deep.equal(['beta', 'mine']);
  });

  it('may come from a repository with a key and a SigLevel of its own', async () => {
    const repositories = [{ name: 'own', server: mirror.server, sig_level: 'Optional TrustAll' }];
    const { code, output } = await install(['own/mine'], { pacman: { repositories } });
    expect(code, output).to.equal(0);
  });

  it('that nobody has are named, each with a suggestion', async () => {
    await expectClear(
      await install(['alhpa', 'core/shel', 'nonsense-thing']),
      'no package or group "alhpa" in core, extra; did you mean "alpha"?',
      'did you mean "shell"?',
      '"nonsense-thing"',
    );
    await expectClear(await install(['kore/alpha']), 'no repository "kore"; did you mean "core"?');
  });

  it('whose dependency nobody has, or that are in conflict, are named', async () => {
    await expectClear(await install(['lonely']), 'lonely needs nobody-has-this, which no repository has');
    await expectClear(
      await install(['alpha', 'hater']),
      /(hater and beta|beta and hater) can't be installed together/,
    );
  });

  it('with a signature of another file, of a stranger, or none, are refused', async () => {
    await expectClear(await install(['forged']), /forged: the signature of "owner.*" does not fit the file/);
    await expectClear(await install(['foreign']), /foreign: signed by .*not trusted/, 'pacman.keys');
    await expectClear(await install(['unsigned']), 'unsigned: not signed, and a signature is required');
  });

  it('of a stranger are taken once the key is trusted', async () => {
    const { code, output } = await install(['foreign'], {
      pacman: { keys: [repository.key.file, repository.stranger.file] },
    });
    expect(code, output).to.equal(0);
  });

  it('with another checksum than the database says are refused, and the next mirror is asked', async () => {
    await forget('downloads');
    mirror.misbehave(/\/beta-.*zst$/, { kind: 'garbage' });
    await expectClear(
      await install(['beta']),
      /beta-1-1-any\.pkg\.tar\.zst can't be downloaded \(.*another checksum\)/,
    );
    const { code, output } = await install(['beta'], { mirror: [mirror.server, second.server] });
    expect(code, output).to.equal(0);
  });

  it('that a mirror does not have come from the next one; if there is none, the file and its answer are named', async () => {
    await forget('downloads');
    mirror.misbehave(/\/alpha-.*zst$/, { kind: 'status', status: 404 });
    await expectClear(
      await install(['alpha']),
      /alpha-1-1-any\.pkg\.tar\.zst can't be downloaded \(http:.*HTTP 404\)/,
    );
    const { code, output } = await install(['alpha'], { mirror: [mirror.server, second.server] });
    expect(code, output).to.equal(0);
    expect(second.requests.map(({ path }) => basename(path))).to.include('alpha-1-1-any.pkg.tar.zst');
    expect(second.requests.map(({ path }) => basename(path))).to.not.include('beta-1-1-any.pkg.tar.zst');
  });

  it('go on where they stopped when a mirror dies in the middle', async () => {
    await forget('downloads');
    mirror.misbehave(/\/shell-.*zst$/, { kind: 'dies', after: 100_000, times: 2 });
    const { code, output } = await install(['shell']);
    expect(code, output).to.equal(0);
    const ranges = mirror.requests
      .filter(({ path }) => /\/shell-.*zst$/.test(path))
      .map(({ range }) => range);
    expect(ranges).to.deep.equal([undefined, 'bytes=100000-', 'bytes=200000-']);
  });

  it('come from another mirror when one has a garbled database, a bad one or none', async () => {
    await forget('pacman', 'downloads');
    mirror.misbehave(/\/core\.db$/, { kind: 'garbage' });
    await expectClear(
      await install(['beta']),
      /the package list of core can't be had \(http:\/\/127\.0\.0\.1:\d+\/core\/os\/x86_64: \S+/,
    );
    const { code, output } = await install(['beta'], { mirror: [mirror.server, second.server] });
    expect(code, output).to.equal(0);
    await forget('pacman', 'store/pacstrap');
    mirror.misbehave(/\/core\.db$/, { kind: 'status', status: 503 });
    await expectClear(await install(['beta']), /HTTP 503/);
  });

  it('are installed without a network when they were before', async () => {
    expect((await install(['letters'])).code).to.equal(0);
    await forget('store/pacstrap');
    const config = configuration({ packages: ['letters'], pacman: { keys: [repository.key.file] } });
    const args = ['pacstrap', '--config', config, '--cache', cache()];
    const { code, output } = await gulp(args, { cwd: work.path(), through: ['unshare', '--net', '--'] });
    expect(code, output).to.equal(0);
  });

  it("that are not there yet can't be had without a network, and that is said", async () => {
    await forget('downloads');
    const config = configuration({ packages: ['letters'], pacman: { keys: [repository.key.file] } });
    const args = ['pacstrap', '--config', config, '--cache', cache()];
    await expectClear(
      await gulp(args, { cwd: work.path(), through: ['unshare', '--net', '--'] }),
      "can't be downloaded",
      'Is there a network',
    );
  });

  it('that own the same file are both named, with the file', async () => {
    await expectClear(
      await install(['alpha', 'rival']),
      /(alpha and rival|rival and alpha) both have the file \S*usr\/share\/alpha\/text/,
    );
  });

  it('whose scriptlet or hook fails are named, with what it said', async () => {
    await expectClear(
      await install(['failing']),
      'the scriptlet of failing failed',
      'the database is on fire',
    );
    await expectClear(await install(['hooked']), 'the hook "Asking the oracle" failed', 'it will not');
  });

  it('do not fit a full disk, and that is said in a line', async () => {
    const disk = work.path('disk');
    mkdirSync(disk, { recursive: true });
    const config = configuration({ packages: ['large'], pacman: { keys: [repository.key.file] } });
    const script =
      'mount -t tmpfs -o size=40m tmpfs "$1"; shift; "$@"; code=$?; find "$DISK/cache/store" "$DISK/cache/tmp" -mindepth 2 -maxdepth 2 | sed "s/^/left: /"; exit $code';
    const through = ['unshare', '--mount', '--', 'env', `DISK=${disk}`, 'sh', '-c', script, 'sh', disk];
    const result = await gulp(['pacstrap', '--config', config, '--cache', join(disk, 'cache')], {
      cwd: work.path(),
      through,
    });
    await expectClear(result, 'no space left on the disk');
    expect(result.output).to.not.match(/left: .*(pacstrap|tmp\/)/);
  });

  it('leave nothing when the build is killed in the middle of the transaction', async () => {
    const config = configuration({ packages: ['slow'], pacman: { keys: [repository.key.file] } });
    const { child, result } = startGulp(['pacstrap', '--config', config, '--cache', cache(), '--verbose'], {
      cwd: work.path(),
    });
    const logs = work.path('build/small/logs');
    const sleeping = (): boolean =>
      existsSync(logs) &&
      readdirSync(logs).some((name) => readFileSync(join(logs, name), 'utf8').includes('sleeping'));
    for (let tries = 0; tries < 300 && !sleeping(); tries++) await pause(100);
    expect(sleeping()).to.equal(true);
    process.kill(child.pid as number, 'SIGKILL');
    await result;
    expect(await leftovers(work.path(), cache())).to.deep.equal([]);
    expect(
      existsSync(join(cache(), 'store/pacstrap')) ? readdirSync(join(cache(), 'store/pacstrap')) : [],
    ).to.deep.equal([]);
  });

  it('need a key: one that is none, or none at all, is an error', async () => {
    await forget('pacman');
    const file = work.path('no-key.asc');
    writeFileSync(file, 'hello\n');
    await expectClear(
      await install(['beta'], { pacman: { keys: [file] } }),
      'no-key.asc: not an OpenPGP public key',
    );
  });
});

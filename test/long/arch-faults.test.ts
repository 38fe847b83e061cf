import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import { archSuite } from '../helpers/arch';
import { gulp, startGulp } from '../helpers/gulp';
import { leftovers } from '../helpers/leftovers';
import { storedArtifacts } from '../helpers/store';

describe('packages of an Arch repository, when something is wrong,', () => {
  const suite = archSuite();

  it('that no repository has are named, each with a suggestion', async () => {
    await suite.expectClear(
      await suite.install(['alhpa', 'core/shel', 'nonsense-thing']),
      'no package or group "alhpa" in core, extra; did you mean "alpha"?',
      'did you mean "shell"?',
      '"nonsense-thing"',
    );
    await suite.expectClear(
      await suite.install(['kore/alpha']),
      'no repository "kore"; did you mean "core"?',
    );
  });

  it('are required: an empty list is an error', async () => {
    await suite.expectClear(await suite.install([]), 'packages is empty', 'such as base');
  });

  it('are reported with the key that requests them', async () => {
    const config = suite.configuration(['alpha'], { kernel: { package: 'linus' } });
    const { code, output } = await gulp(['kernel', '--config', config, '--cache', suite.cache()], {
      cwd: suite.path(),
    });
    expect(code, output).to.equal(1);
    expect(output).to.contain('no package or group "linus"').and.contain('Correct `kernel.package`');
  });

  it('that lack a dependency or are in conflict are named', async () => {
    await suite.expectClear(
      await suite.install(['lonely']),
      'lonely needs nobody-has-this, which no repository has',
    );
    await suite.expectClear(
      await suite.install(['alpha', 'hater']),
      'hater conflicts with beta, which alpha needs',
      'Remove hater or alpha from `packages`.',
    );
  });

  it('with a signature of another file, of an unknown key, or none, are refused', async () => {
    await suite.expectClear(
      await suite.install(['forged']),
      /forged: the signature of "owner.*" does not match the file/,
    );
    await suite.expectClear(
      await suite.install(['foreign']),
      /foreign: signed by .*untrusted/,
      'pacman.keys',
    );
    await suite.expectClear(
      await suite.install(['unsigned']),
      'unsigned: unsigned, but a signature is required',
    );
  });

  it("whose signature a mirror does not give are refused with the mirror's answer", async () => {
    await suite.forget('downloads');
    suite.mirror().misbehave(/\.sig$/, { kind: 'status', status: 503 });
    await suite.expectClear(
      await suite.install(['beta']),
      /beta-1-1-any\.pkg\.tar\.zst\.sig can't be downloaded \(http:.*HTTP 503[;)]/,
    );
    suite.mirror().misbehave(/\.sig$/, { kind: 'garbage' });
    await suite.expectClear(
      await suite.install(['beta']),
      /beta-1-1-any\.pkg\.tar\.zst\.sig can't be downloaded \(http:.*not an OpenPGP signature[;)]/,
    );
  });

  it('with a wrong checksum are refused, and the next mirror is tried', async () => {
    await suite.forget('downloads');
    suite.mirror().misbehave(/\/beta-.*zst$/, { kind: 'garbage' });
    await suite.expectClear(
      await suite.install(['beta']),
      /beta-1-1-any\.pkg\.tar\.zst can't be downloaded \(.*wrong checksum; /,
    );
    const { code, output } = await suite.install(['beta'], {
      mirror: [suite.mirror().server, suite.second().server],
    });
    expect(code, output).to.equal(0);
  });

  it('that a mirror does not have come from the next one; if there is none, the file and its answer are named', async () => {
    await suite.forget('downloads');
    suite.mirror().misbehave(/\/alpha-.*zst$/, { kind: 'status', status: 404 });
    await suite.expectClear(
      await suite.install(['alpha']),
      /alpha-1-1-any\.pkg\.tar\.zst can't be downloaded \(http:.*HTTP 404; /,
    );
    const { code, output } = await suite.install(['alpha'], {
      mirror: [suite.mirror().server, suite.second().server],
    });
    expect(code, output).to.equal(0);
    expect(suite.second().requests.map(({ path }) => basename(path))).to.include('alpha-1-1-any.pkg.tar.zst');
    expect(suite.second().requests.map(({ path }) => basename(path))).to.not.include(
      'beta-1-1-any.pkg.tar.zst',
    );
  });

  it('are resumed when a mirror dies in the middle of a download', async () => {
    await suite.forget('downloads');
    suite.mirror().misbehave(/\/shell-.*zst$/, { kind: 'dies', after: 100_000, times: 2 });
    const { code, output } = await suite.install(['shell']);
    expect(code, output).to.equal(0);
    const ranges = suite
      .mirror()
      .requests.filter(({ path }) => /\/shell-.*zst$/.test(path))
      .map(({ range }) => range);
    expect(ranges).to.deep.equal([undefined, 'bytes=100000-', 'bytes=200000-']);
  });

  it('come from another mirror when one has a garbled database, a bad one or none', async () => {
    await suite.forget('pacman', 'downloads');
    suite.mirror().misbehave(/\/core\.db$/, { kind: 'garbage' });
    await suite.expectClear(
      await suite.install(['beta']),
      /the package list of core is unavailable \(http:\/\/127\.0\.0\.1:\d+\/core\/os\/x86_64: \S+/,
    );
    const { code, output } = await suite.install(['beta'], {
      mirror: [suite.mirror().server, suite.second().server],
    });
    expect(code, output).to.equal(0);
    await suite.forget('pacman', 'store/pacstrap');
    suite.mirror().misbehave(/\/core\.db$/, { kind: 'status', status: 503 });
    await suite.expectClear(await suite.install(['beta']), /HTTP 503/);
  });

  it('are reported as unavailable when they are not in the cache and there is no network', async () => {
    expect((await suite.install(['beta'])).code).to.equal(0);
    await suite.forget('downloads', 'store/pacstrap');
    const config = suite.configuration(['letters']);
    const args = ['pacstrap', '--config', config, '--cache', suite.cache()];
    await suite.expectClear(
      await gulp(args, { cwd: suite.path(), through: ['unshare', '--net', '--'] }),
      "can't be downloaded",
      'Check the network connection',
    );
  });

  it('that own the same file are both named, with the file', async () => {
    await suite.expectClear(
      await suite.install(['alpha', 'rival']),
      /(alpha and rival|rival and alpha) both have the file \S*usr\/share\/alpha\/text/,
    );
  });

  it('whose scriptlet or hook fails are named, with its output', async () => {
    await suite.expectClear(
      await suite.install(['failing']),
      'the scriptlet of failing failed',
      'the database is on fire',
    );
    await suite.expectClear(
      await suite.install(['hooked']),
      'the hook "Asking the oracle" failed',
      'it will not',
    );
  });

  it('on a full disk fail with one clear line', async () => {
    const disk = suite.path('disk');
    mkdirSync(disk, { recursive: true });
    const config = suite.configuration(['large']);
    const script =
      'mount -t tmpfs -o size=40m tmpfs "$1"; shift; "$@"; code=$?; (cd "$DISK/cache" && find store tmp -mindepth 2 -maxdepth 2) | sed "s/^/left: /"; exit $code';
    const through = ['unshare', '--mount', '--', 'env', `DISK=${disk}`, 'sh', '-c', script, 'sh', disk];
    const result = await gulp(['pacstrap', '--config', config, '--cache', join(disk, 'cache')], {
      cwd: suite.path(),
      through,
    });
    await suite.expectClear(result, 'no space left on the disk');
    expect(result.output).to.not.match(/left: (store\/pacstrap|tmp\/)/);
  });

  it('leave nothing when the build is killed in the middle of the transaction', async () => {
    const config = suite.configuration(['slow']);
    const { child, result } = startGulp(
      ['pacstrap', '--config', config, '--cache', suite.cache(), '--verbose'],
      {
        cwd: suite.path(),
      },
    );
    const logs = suite.path('build/small/logs');
    const sleeping = (): boolean =>
      existsSync(logs) &&
      readdirSync(logs).some((name) => readFileSync(join(logs, name), 'utf8').includes('sleeping'));
    for (let tries = 0; tries < 300 && !sleeping(); tries++) await pause(100);
    expect(sleeping()).to.equal(true);
    process.kill(child.pid as number, 'SIGKILL');
    await result;
    expect(await leftovers(suite.path(), suite.cache())).to.deep.equal([]);
    expect(storedArtifacts(suite.cache(), 'pacstrap')).to.deep.equal([]);
  });

  it('need a key: a file that is not a key, or no key at all, is an error', async () => {
    await suite.forget('pacman');
    const file = suite.path('no-key.asc');
    writeFileSync(file, 'hello\n');
    await suite.expectClear(
      await suite.install(['beta'], { pacman: { keys: [file] } }),
      'no-key.asc: not an OpenPGP public key',
    );
  });
});

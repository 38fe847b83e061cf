import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { startMirror } from '../fixtures/arch/mirror';
import { type GulpResult, gulp, workFolder } from '../helpers/gulp';
import { archWorld } from '../helpers/lock-world';

describe('the package lock of an Arch image', () => {
  const work = workFolder();
  const world = archWorld();
  const configure = (packages: string[], keys: object = {}): void => {
    const base = {
      name: 'tiny',
      init: 'none',
      docker: { enabled: false },
      volumes: { docker: null },
      network: { dhcp: false },
      kernel: { provider: 'file', file: work.path('vmlinuz') },
    };
    // YAML takes JSON.
    writeFileSync(work.path('dock0.yaml'), JSON.stringify({ ...base, ...world.keys(), packages, ...keys }));
  };
  const task = (...args: string[]): Promise<GulpResult> => taskIn(world.env, ...args);
  const taskIn = (env: Record<string, string>, ...args: string[]): Promise<GulpResult> =>
    gulp([...args, '--cache', work.path('cache')], { cwd: work.path(), env });
  const succeed = async (...args: string[]): Promise<string> => {
    const { code, output } = await task(...args);
    expect(code, output).to.equal(0);
    return output;
  };
  const fail = async (...args: string[]): Promise<string> => {
    const { code, output } = await task(...args);
    expect(code, output).to.equal(1);
    return output;
  };
  const lockText = (): string => readFileSync(work.path('dock0.lock'), 'utf8');
  const forgetLock = (): void => rmSync(work.path('dock0.lock'), { force: true });

  before(async () => {
    writeFileSync(work.path('vmlinuz'), '');
    await world.open(work.path('world'));
    await world.publish([
      { name: 'alpha', version: '1', depends: ['beta'] },
      { name: 'beta', version: '1' },
      { name: 'gone', version: '1' },
    ]);
    await world.add('core', [
      { name: 'hater', conflicts: ['beta'] },
      { name: 'choosy', conflicts: ['beta<2'] },
      { name: 'stand-in', provides: ['beta=5'], conflicts: ['beta'] },
    ]);
  });
  after(() => world.close());
  beforeEach(forgetLock);

  it('is not written for packages in conflict', async () => {
    configure(['alpha', 'hater']);
    expect(await fail('lock')).to.contain('hater conflicts with beta, which alpha needs');
    expect(existsSync(work.path('dock0.lock'))).to.equal(false);
  });

  it('has a package that replaces another instead of it, as pacman installs it', async () => {
    configure(['alpha', 'stand-in']);
    await succeed('lock');
    expect(lockText())
      .to.match(/^ {8}stand-in:$/m)
      .and.not.match(/^ {8}beta:$/m);
    await succeed('pacstrap');
  });

  it('gives up a version that is in conflict with a requested one', async () => {
    configure(['alpha']);
    await succeed('lock');
    configure(['alpha', 'choosy']);
    expect(await fail('lock')).to.contain('choosy conflicts with beta, which alpha needs');
    await world.publish([{ name: 'beta', version: '2' }]);
    expect(await succeed('update', '--package', 'alpha')).to.contain('beta');
    expect(lockText()).to.match(/beta:\n +version: 2-1/);
    await succeed('pacstrap');
  });

  it('is compared with and updated by new lists of every mirror of the hosts, each fetched once', async () => {
    const second = await startMirror(work.path('world/mirror'));
    const mirrors = [world.mirror(), second];
    const hosts = ['--host', 'same', '--host', 'other'];
    const fetched = (): number[] =>
      mirrors.map(({ requests }) => requests.filter(({ path }) => path.endsWith('/core.db')).length);
    try {
      configure(['alpha']);
      mkdirSync(work.path('configs/hosts'), { recursive: true });
      writeFileSync(work.path('configs/hosts/same.yaml'), 'hostname: same.example\n');
      writeFileSync(work.path('configs/hosts/other.yaml'), JSON.stringify({ mirror: [second.server] }));
      await succeed('lock', ...hosts);
      for (const command of ['outdated', 'update']) {
        for (const mirror of mirrors) mirror.behave();
        await succeed(command, ...hosts);
        expect(fetched(), command).to.deep.equal([1, 1]);
      }
    } finally {
      await second.close();
    }
  });

  it('fetches versions that the mirror no longer has from the archive, and without a network names the package', async () => {
    const asked: string[] = [];
    const proxy = createServer().on('connect', ({ url }, socket) => {
      asked.push(url ?? '');
      socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
    });
    await new Promise<void>((listening) => void proxy.listen(0, '127.0.0.1', listening));
    try {
      configure(['gone']);
      await succeed('lock');
      world.withdraw('gone', '1');
      const https_proxy = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
      const { code, output } = await taskIn({ https_proxy }, 'pacstrap');
      expect(code, output).to.equal(1);
      expect(output).to.match(
        /dock0\.lock names unavailable packages: gone-1-1-any\.pkg\.tar\.zst can't be downloaded \(.*HTTP 404; .*archive/,
      );
      expect([...new Set(asked)]).to.deep.equal(['archive.archlinux.org:443']);
      expect(await fail('pacstrap')).to.contain('gone-1-1-any.pkg.tar.zst');
    } finally {
      proxy.close();
    }
  });
});

import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'chai';
import { run } from '../../lib/system/process';
import { buildPackage } from '../fixtures/arch/package-archive';
import { archSuite } from '../helpers/arch';
import { currentId, FIXTURES, gulp, workFolder } from '../helpers/gulp';
import { storedArtifacts } from '../helpers/store';

const KERNEL = '/proc/sys/kernel/core_pattern';
/** A script that notes what it may do. */
const NOTE = `grep CapEff /proc/self/status > /etc/noted 2>/dev/null || while read -r name value; do [ "$name" != CapEff: ] || echo "$name $value" > /etc/noted; done < /proc/self/status
cat /proc/net/dev >> /etc/noted
if (echo x > ${KERNEL}) 2>/dev/null; then echo written >> /etc/noted; else echo refused >> /etc/noted; fi
`;
/** SYS_MODULE, SYS_RAWIO, SYS_PTRACE, SYS_ADMIN, SYS_TIME, MKNOD, NET_ADMIN, NET_RAW (capability.h). */
const DANGEROUS = [16, 17, 19, 21, 25, 27, 12, 13];

function expectConfined(noted: string): void {
  const held = BigInt(`0x${/CapEff:\s*(\w+)/.exec(noted)?.[1]}`);
  expect(DANGEROUS.filter((bit) => (held >> BigInt(bit)) & 1n)).to.deep.equal([]);
  expect(noted)
    .to.match(/refused/)
    .and.not.match(/eth|ens|enp/);
}

describe('Scripts of packages', () => {
  const suite = archSuite();
  const work = workFolder();
  const before = readFileSync(KERNEL, 'utf8');
  afterEach(() => expect(readFileSync(KERNEL, 'utf8')).to.equal(before));

  it('of Arch run without dangerous capabilities, a network and the kernel settings', async () => {
    const tree = suite.path('nosy');
    mkdirSync(join(tree, 'etc'), { recursive: true });
    writeFileSync(join(tree, 'etc/x'), '');
    const install = `post_install() {\n${NOTE}}\n`;
    const spec = { name: 'nosy', arch: 'any' as const, version: '1-1', depends: ['sh'], tree, install };
    const file = await buildPackage(spec, suite.path(), run);
    const { code, output } = await suite.install(['shell'], { pacman: { local_packages: [file] } });
    expect(code, output).to.equal(0);
    expectConfined(readFileSync(join(suite.layer(), 'etc/noted'), 'utf8'));
  });

  it('leave lists that were removed halfway to be fetched again', async () => {
    expect((await suite.install(['beta'])).code).to.equal(0);
    const { stdout } = await run('find', [join(suite.cache(), 'pacman'), '-name', 'database', '-type', 'd']);
    for (const folder of stdout.split('\n')) rmSync(folder, { recursive: true });
    const { code, output } = await suite.install(['alpha']);
    expect(code, output).to.equal(0);
    expect(output).to.contain('fetching the package lists');
  });

  it('of Debian run without them too', async () => {
    const repository = work.path('repository');
    const tree = work.path('nosy');
    mkdirSync(join(tree, 'DEBIAN'), { recursive: true });
    mkdirSync(repository);
    writeFileSync(
      join(tree, 'DEBIAN/control'),
      'Package: nosy\nVersion: 1\nArchitecture: all\nMaintainer: x <x@example.org>\nDescription: x\n',
    );
    writeFileSync(join(tree, 'DEBIAN/postinst'), `#!/bin/sh\n${NOTE}`, { mode: 0o755 });
    await run('dpkg-deb', ['--root-owner-group', '--build', tree, repository]);
    const file = join(repository, 'nosy_1_all.deb');
    const hash = createHash('sha256').update(readFileSync(file)).digest('hex');
    const control = readFileSync(join(tree, 'DEBIAN/control'), 'utf8');
    writeFileSync(
      join(repository, 'Packages'),
      `${control}Filename: ./nosy_1_all.deb\nSize: ${statSync(file).size}\nSHA256: ${hash}\n`,
    );
    const sources = (
      await run('sh', ['-c', 'cat /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null || true'])
    ).stdout;
    const site = /https?:\/\/\S*debian\/?(?=\s)/.exec(sources)?.[0];
    const mirror = [site, `deb [trusted=yes] ${pathToFileURL(repository)} ./`];
    writeFileSync(work.path('own.yaml'), JSON.stringify({ mirror, packages: ['netbase', 'nosy'] }));
    const args = [
      'pacstrap',
      '--config',
      join(FIXTURES, 'small.yaml'),
      '--config',
      'own.yaml',
      '--cache',
      work.path('cache'),
    ];
    const { code, output } = await gulp(args, { cwd: work.path() });
    expect(code, output).to.equal(0);
    expectConfined(
      readFileSync(join(storedArtifacts(work.path('cache'), 'pacstrap')[0] ?? '', 'layer/etc/noted'), 'utf8'),
    );
  });
});

describe('A folder with a blank, a comma, a colon, quotes, an umlaut and an emoji, and a cache below /run', () => {
  const work = workFolder();
  let below = '';
  before(() => {
    below = mkdtempSync('/run/dock0-test-');
  });
  after(() => rmSync(below, { recursive: true, force: true }));

  it('give the release of a plain one', async () => {
    const odd = "ein blank, a:colon ü '😀'";
    const ids: string[] = [];
    for (const [name, cache] of [
      ['plain', work.path('plain/cache')],
      [odd, work.path(`${odd}/cache`)],
      ['below', join(below, 'cache')],
    ] as const) {
      const cwd = work.path(name);
      mkdirSync(cwd);
      const set = ['--set', 'squash.layout=single', '--cache', cache];
      const { code, output } = await gulp(['build', '--config', join(FIXTURES, 'small.yaml'), ...set], {
        cwd,
      });
      expect(code, output).to.equal(0);
      ids.push(currentId(cwd));
    }
    expect(new Set(ids).size).to.equal(1);
  });
});

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { type LockedImages, readLock, writeLock } from '../../../../lib/distributions/lock/lock-file';

const entry = (version: string) => ({
  version,
  architecture: 'amd64',
  repository: 'bookworm/main',
  path: `pool/main/x/x_${version}_amd64.deb`,
  sha256: 'ab'.repeat(32),
  bytes: 12,
  snapshot: '20260105T093000Z',
});

describe('a lock file', () => {
  let folder = '';
  const file = (): string => join(folder, 'dock0.lock');
  const images: LockedImages = {
    web: {
      distribution: 'debian',
      release: 'bookworm',
      architecture: 'x86_64',
      root: { wanted: ['b', 'a'], packages: { b: entry('1:2.0~rc1-1'), a: entry('1.10') } },
    },
    db: { distribution: 'arch', architecture: 'x86_64', kernel: { wanted: ['linux'], packages: {} } },
  };
  const changed = (from: RegExp, to: string): void => {
    writeLock(file(), images);
    writeFileSync(file(), readFileSync(file(), 'utf8').replace(from, to));
  };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lock-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('is absent until it is written', () => {
    expect(readLock(file())).to.equal(undefined);
  });

  it('is read as it was written, sorted, and no other file is left', () => {
    writeLock(file(), images);
    const text = readFileSync(file(), 'utf8');
    expect(readLock(file())?.web?.root?.packages).to.deep.equal(images.web?.root?.packages);
    expect(text.indexOf('  db:')).to.be.lessThan(text.indexOf('  web:'));
    expect(text.indexOf('        a:')).to.be.lessThan(text.indexOf('        b:'));
    expect(text).to.match(/wanted:\n +- a\n +- b\n/);
    writeLock(file(), readLock(file()) as LockedImages);
    expect(readFileSync(file(), 'utf8')).to.equal(text);
    expect(readdirSync(folder)).to.deep.equal(['dock0.lock']);
  });

  it('keeps versions that look like numbers as they are', () => {
    writeLock(file(), images);
    expect(readLock(file())?.web?.root?.packages.a?.version).to.equal('1.10');
  });

  it('is refused where something is missing, unknown or of the wrong type, each with its line', () => {
    changed(/ +sha256: .*\n/, '');
    expect(() => readLock(file())).to.throw(/dock0\.lock:\d+:\d+: .*\.a\.sha256: expected .*found nothing/);
    changed(/bytes: 12/, 'bites: 12');
    expect(() => readLock(file())).to.throw(/unknown key; did you mean .*bytes/);
    changed(/^lock: 1/m, 'lock: 2');
    expect(() => readLock(file())).to.throw(/:\d+:\d+: lock: expected 1, .*found the number 2/);
    writeFileSync(file(), '- a\n');
    expect(() => readLock(file())).to.throw(/:1:1: expected a map of keys, found a list/);
  });

  it('is refused where a path leads out of the repository', () => {
    changed(/path: pool/, 'path: ../pool');
    expect(() => readLock(file())).to.throw(/path: expected a path below the repository/);
    changed(/repository: bookworm/, 'repository: ../../etc');
    expect(() => readLock(file())).to.throw(/repository: expected a repository/);
    changed(/ {8}a:/, '        ../a:');
    expect(() => readLock(file())).to.throw(/expected a package name, found "\.\.\/a"/);
  });
});

import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  writeFileSync,
} from 'node:fs';
import { expect } from 'chai';
import { isRecord } from '../../../lib/engine/fingerprint';
import { hashIndexOf } from '../../../lib/engine/hash-index';
import { openToolVersions } from '../../../lib/engine/tool-versions';
import { libraryOf } from '../../../lib/system/library';
import { isPackaged, packagesState } from '../../../lib/system/packaged';
import { engineWorld } from '../../helpers/engine-world';

describe('what the cache keeps', () => {
  const { folder, runs, make } = engineWorld();

  it('is nothing, where a file of it has other values than were written', async () => {
    mkdirSync(folder.path('cache'));
    const file = folder.path('cache/hashes.json');
    const path = folder.path('in/file');
    for (const entry of [5, null, 'x', [], [1, 2, 3, 4], [1, 2, 3, 4, 5], ['1', 2, 3, 4, 'hash'], { 0: 1 }]) {
      writeFileSync(file, JSON.stringify({ version: 1, entries: { [path]: entry } }));
      const index = hashIndexOf(folder.path('cache'));
      expect(index.hash(path, lstatSync(path))).to.match(/^[0-9a-f]{64}$/);
      expect(await make()).to.be.a('string');
    }
    for (const files of [
      5,
      [5],
      [{ role: '', name: 'x', digest: 5 }],
      [{ role: '', name: 'x', digest: { y: 5 } }],
    ])
      expect(
        isRecord({ format: 3, step: 'x', version: 1, values: {}, files, tools: {}, needs: {} }),
      ).to.equal(false);
    expect(runs).to.deep.equal([]);
  });

  it('is the version of a program, but not that of a script, which may start another one', async () => {
    const tool = folder.path('dock0-test-tool');
    writeFileSync(tool, `#!/bin/sh\nexec sh '${folder.path('real')}'\n`);
    chmodSync(tool, 0o755);
    for (const version of ['1.2', '1.3']) {
      writeFileSync(folder.path('real'), `echo version ${version}\n`);
      const versions = openToolVersions(folder.path('tools.json'));
      expect(await versions.version(tool)).to.equal(version);
      versions.save();
    }
    expect(JSON.parse(readFileSync(folder.path('tools.json'), 'utf8'))[tool].version).to.equal('1.3');
  });

  it('is the version of a script that a package brought, until a package changes', async () => {
    const file = folder.path('tools.json');
    const [name = ''] = packagedScripts();
    const versions = openToolVersions(file);
    const version = await versions.version(name);
    versions.save();
    const known = JSON.parse(readFileSync(file, 'utf8'));
    expect(known[name].packages).to.equal(packagesState());
    for (const [packages, expected] of [
      [known[name].packages, 'as remembered'],
      ['1 2 3 4', version],
    ]) {
      writeFileSync(file, JSON.stringify({ [name]: { ...known[name], version: 'as remembered', packages } }));
      expect(await openToolVersions(file).version(name)).to.equal(expected);
    }
  });

  it('takes no script for that of a package that is another one, or lies elsewhere', () => {
    const [name = ''] = packagedScripts();
    expect(isPackaged(name)).to.equal(true);
    copyFileSync(name, folder.path('copy'));
    expect(isPackaged(folder.path('copy'))).to.equal(false);
    expect(isPackaged(folder.path('missing'))).to.equal(false);
    const path = realpathSync(name).slice(1);
    for (const [digest, expected] of [
      ['0'.repeat(32), false],
      [createHash('md5').update(readFileSync(name)).digest('hex'), true],
    ] as const) {
      writeFileSync(folder.path('some.md5sums'), `${digest}  ${path}\n`);
      expect(isPackaged(name, folder.path('.'))).to.equal(expected);
    }
  });

  it('has the library that packs, by the version in the name of its file', async () => {
    const file = folder.path('tools.json');
    const versions = openToolVersions(file);
    const expected = /^[\d.]+ with libzstd\.so\.\d+\.\d+\.\d+$/;
    expect(await versions.version('mksquashfs', 'libzstd')).to.match(expected);
    expect(await versions.version('mksquashfs', 'libno')).to.match(/^[\d.]+ with its own libno$/);
    versions.save();
    expect(await openToolVersions(file).version('mksquashfs', 'libzstd')).to.match(expected);
    const known = JSON.parse(readFileSync(file, 'utf8'));
    known.mksquashfs.libraries.libzstd.path = '/nowhere';
    writeFileSync(file, JSON.stringify(known));
    expect(await openToolVersions(file).version('mksquashfs', 'libzstd')).to.match(/its own/);
    known.mksquashfs.libraries.libzstd.linker = 'another';
    writeFileSync(file, JSON.stringify(known));
    expect(await openToolVersions(file).version('mksquashfs', 'libzstd')).to.match(expected);
    writeFileSync(folder.path('script'), '#!/bin/sh\necho libzstd.so.1\n');
    chmodSync(folder.path('script'), 0o755);
    expect(libraryOf(folder.path('script'), 'libzstd')).to.equal(undefined);
  });
});

/** Scripts of this machine's packages that say their version. */
function packagedScripts(): string[] {
  return ['/usr/bin/ldd', '/usr/bin/mmdebstrap'].filter((path) => existsSync(path));
}

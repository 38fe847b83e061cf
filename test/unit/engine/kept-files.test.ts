import { chmodSync, lstatSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { expect } from 'chai';
import { isRecord } from '../../../lib/engine/fingerprint';
import { hashIndexOf } from '../../../lib/engine/hash-index';
import { openToolVersions } from '../../../lib/engine/tool-versions';
import { libraryOf } from '../../../lib/system/library';
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

  it('is of the library that packs, by the version in the name of its file', async () => {
    expect(await libraryOf('mksquashfs', 'libzstd')).to.match(/^libzstd\.so\.\d+\.\d+\.\d+$/);
    expect(await libraryOf('mksquashfs', 'libno')).to.equal(undefined);
    writeFileSync(folder.path('script'), '#!/bin/sh\necho libzstd.so.1\n');
    chmodSync(folder.path('script'), 0o755);
    expect(await libraryOf(folder.path('script'), 'libzstd')).to.equal(undefined);
  });
});

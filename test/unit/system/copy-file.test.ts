import { closeSync, openSync, readFileSync, statSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { expect } from 'chai';
import { place } from '../../../lib/root/tree';
import { copyFile } from '../../../lib/system/copy-file';
import { testFolder } from '../../helpers/folder';

describe('a copy of a sparse file', () => {
  const folder = testFolder();
  const size = 1 << 28;
  const sparse = (): string => {
    const path = folder.path('-sparse');
    const file = openSync(path, 'w');
    writeSync(file, 'start');
    writeSync(file, 'end', size - 3);
    closeSync(file);
    return path;
  };

  it('has its holes, and its bytes', () => {
    copyFile(sparse(), folder.path('copy'));
    const { blocks, size: copied } = statSync(folder.path('copy'));
    expect(copied).to.equal(size);
    expect(blocks * 512).to.be.below(1 << 20);
    const bytes = readFileSync(folder.path('copy'));
    expect([bytes.toString('utf8', 0, 5), bytes.toString('utf8', size - 3)]).to.deep.equal(['start', 'end']);
  });

  it('has them in an image', () => {
    const source = sparse();
    place(folder.path(), [{ path: 'disk', source, kind: 'file', mode: 0o640 }]);
    const { blocks, mode } = statSync(folder.path('disk'));
    expect(blocks * 512).to.be.below(1 << 20);
    expect(mode & 0o777).to.equal(0o640);
  });

  it('replaces what is there, also when it is all one hole', () => {
    writeFileSync(folder.path('empty'), '');
    truncateSync(folder.path('empty'), size);
    writeFileSync(folder.path('copy'), 'old');
    copyFile(folder.path('empty'), folder.path('copy'));
    expect(statSync(folder.path('copy')).size).to.equal(size);
  });
});

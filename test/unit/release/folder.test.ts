import { mkdirSync, writeFileSync } from 'node:fs';
import { expect } from 'chai';
import { knownRelease, switchCurrent } from '../../../lib/release/folder';
import { testFolder } from '../../helpers/folder';

describe('a release named on the command line', () => {
  const folder = testFolder();
  const release = (id: string): void => {
    mkdirSync(folder.path(`releases/${id}`), { recursive: true });
    writeFileSync(folder.path(`releases/${id}/manifest.json`), '{}');
  };
  beforeEach(() => {
    release('abc1');
    release('abd2');
  });

  it('is found by its id, the beginning of it, or as the current one', async () => {
    await switchCurrent(folder.path(), 'abd2', folder.path('releases'));
    expect(knownRelease(folder.path(), 'abc1')).to.equal(folder.path('releases/abc1'));
    expect(knownRelease(folder.path(), 'abc')).to.equal(folder.path('releases/abc1'));
    expect(knownRelease(folder.path(), 'current')).to.equal(folder.path('releases/abd2'));
  });

  it('is refused when none or more than one begins like it', () => {
    expect(() => knownRelease(folder.path(), 'x')).to.throw('--release x: no such release');
    expect(() => knownRelease(folder.path(), 'ab')).to.throw('more than one release begins with this');
  });
});

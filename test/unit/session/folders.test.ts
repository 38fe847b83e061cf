import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { checkFolder } from '../../../lib/session/folders';
import { makeFolder } from '../../../lib/system/make-folder';
import { cleanUp, workspace } from '../config/workspace';

describe('the folders that builds write to', () => {
  afterEach(cleanUp);

  it('may be missing, and are made with what is missing above them', () => {
    const folder = join(workspace(), 'a/b/c');
    checkFolder('--cache', folder);
    expect(existsSync(folder)).to.equal(false);
    makeFolder(folder);
    makeFolder(folder);
    expect(existsSync(folder)).to.equal(true);
  });

  it('cannot be where a file is, nor below one', () => {
    const file = join(workspace(), 'file');
    writeFileSync(file, '');
    for (const path of [file, join(file, 'a/b')])
      expect(() => checkFolder('--output', path)).to.throw(/file: expected a folder, found a file$/);
    expect(() => checkFolder('--cache', '/dev/null/cache')).to.throw('expected a folder, found a device');
    expect(() => makeFolder(join(file, 'a/b'))).to.throw('no folder can be made here (ENOTDIR)');
  });

  it('are refused by a file system that makes none, at once', () => {
    expect(() => makeFolder('/proc/x/cache')).to.throw('/proc/x: no folder can be made here (ENOENT)');
  });
});

import { linkSync, writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import { readContent } from '../../../lib/engine/content';
import { damage } from '../../helpers/damage';
import { testFolder } from '../../helpers/folder';
import { openedFiles } from '../../helpers/opened-files';

describe('the content of a tree', () => {
  const folder = testFolder();
  const opened = openedFiles();

  it('reads a large file once that has several names, and again when it was damaged', async () => {
    writeFileSync(folder.path('one'), Buffer.alloc(2 ** 20, 1));
    linkSync(folder.path('one'), folder.path('two'));
    await pause(100);
    opened.count = 0;
    const { one, two } = await readContent(folder.path('.'));
    expect(one).to.deep.equal(two);
    expect(opened.count).to.equal(1);
    await damage(folder.path('one'));
    await pause(100);
    const { one: damaged } = await readContent(folder.path('.'));
    expect(damaged?.is).not.to.equal(one?.is);
  });
});

import { linkSync, mkdirSync, writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import { checkContent, readContent } from '../../../lib/engine/content';
import { run } from '../../../lib/system/process';
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

  it('is damaged where attributes are lost that images have, as in a copy of a cache', async () => {
    mkdirSync(folder.path('in/opaque'), { recursive: true });
    writeFileSync(folder.path('in/program'), '');
    await run('setcap', ['cap_net_raw+ep', folder.path('in/program')]);
    await run('setfattr', ['-n', 'trusted.overlay.opaque', '-v', 'y', folder.path('in/opaque')]);
    const content = await readContent(folder.path('in'));
    expect(await checkContent(folder.path('in'), content)).to.deep.equal({ damages: [], updated: false });
    await run('cp', ['-a', folder.path('in'), folder.path('whole')]);
    expect((await checkContent(folder.path('whole'), content)).damages).to.deep.equal([]);
    await run('cp', ['-a', '--no-preserve=xattr', folder.path('in'), folder.path('lost')]);
    const { damages } = await checkContent(folder.path('lost'), content);
    expect(damages.map(({ path }) => path)).to.deep.equal(['opaque', 'program']);
  });
});

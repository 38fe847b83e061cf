import fs, { chmodSync, linkSync, lstatSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { expect } from 'chai';
import { type KnownFile, readContent, unchanged } from '../../../lib/engine/content';
import { type KnownFiles, knownFiles, type SharedFiles } from '../../../lib/engine/known-files';
import { damage } from '../../helpers/damage';
import { testFolder } from '../../helpers/folder';
import { openedFiles } from '../../helpers/opened-files';

const DAMAGED = /^layer of the test has other content than when it was made$/;

describe('files whose bytes are known', () => {
  const folder = testFolder();
  let files: KnownFiles;
  const known = (): KnownFile => files.below(folder.path('store')).layer as KnownFile;
  /** Whether the next check would take the file for what it was without reading it. */
  const trusted = (): boolean => unchanged(known(), lstatSync(folder.path('store/layer')));
  const place = (name = 'release/layer'): void => files.place(folder.path('store/layer'), folder.path(name));

  beforeEach(async () => {
    mkdirSync(folder.path('store'));
    writeFileSync(folder.path('store/layer'), 'a layer and so on');
    files = knownFiles();
    const { layer } = await readContent(folder.path('store'));
    files.add(folder.path('store/layer'), layer as KnownFile, 'layer of the test');
  });

  it('get a second name, after which they need not be read again', async () => {
    place();
    expect(lstatSync(folder.path('release/layer')).ino).to.equal(known().inode);
    expect(trusted()).to.equal(true);
    expect(files.below(folder.path('release'))).to.deep.equal({ layer: known() });
  });

  it('get none when they were damaged before', async () => {
    await damage(folder.path('store/layer'));
    expect(() => place()).to.throw(DAMAGED);
    expect(trusted()).to.equal(false);
  });

  it('are found damaged afterwards, under whichever name it was', async () => {
    place();
    await damage(folder.path('release/layer'));
    expect(() => files.confirm()).to.throw(DAMAGED);
    expect(trusted()).to.equal(false);
    expect(() => place('again')).to.throw(DAMAGED);
  });

  it('are found damaged after a name was removed: that changes their times, too', async () => {
    place();
    place('staged/folder/layer');
    await damage(folder.path('store/layer'));
    await files.remove(folder.path('staged'));
    expect(trusted()).to.equal(false);
    expect(() => files.confirm()).to.throw(DAMAGED);
  });

  it('stay known when a name is removed, an old one of nobody here too', async () => {
    mkdirSync(folder.path('old'));
    linkSync(folder.path('store/layer'), folder.path('old/layer'));
    place();
    for (const name of ['old', 'release']) {
      await files.remove(folder.path(name));
      expect(trusted(), name).to.equal(true);
    }
    expect(files.below(folder.path('release'))).to.deep.equal({});
  });

  it('are read again when somebody else changed their times only', async () => {
    await damage(folder.path('store/layer'));
    await damage(folder.path('store/layer'));
    linkSync(folder.path('store/layer'), folder.path('other'));
    place();
    expect(trusted()).to.equal(true);
  });

  it('are not what they were with another mode', () => {
    chmodSync(folder.path('store/layer'), 0o600);
    expect(() => place()).to.throw(DAMAGED);
  });

  it('are known under their new names when a folder is renamed', () => {
    place();
    fs.renameSync(folder.path('release'), folder.path('final'));
    files.moved(folder.path('release'), folder.path('final'));
    files.confirm();
    expect(Object.keys(files.below(folder.path('final')))).to.deep.equal(['layer']);
  });

  describe('that releases made side by side have in common', () => {
    const shared: SharedFiles = new Map();
    const opened = openedFiles();
    const two = (): KnownFiles[] =>
      ['one', 'two'].map(() => {
        const some = knownFiles(shared);
        some.add(folder.path('store/layer'), known(), 'layer of the test');
        return some;
      });

    it('are not read, in whichever order they get and lose names', async () => {
      const [one, other] = two() as [KnownFiles, KnownFiles];
      one.place(folder.path('store/layer'), folder.path('one/layer'));
      other.place(folder.path('store/layer'), folder.path('two/layer'));
      one.confirm();
      await one.remove(folder.path('one'));
      other.confirm();
      expect(opened.count).to.equal(0);
    });

    it('are found damaged by each of them', async () => {
      const both = two();
      await damage(folder.path('store/layer'));
      for (const each of both) expect(() => each.confirm()).to.throw(DAMAGED);
    });
  });

  it('are refused when they were just written and are something else', () => {
    writeFileSync(folder.path('text'), 'x');
    expect(() => files.addNew(folder.path('text'), 'text', '00')).to.throw(
      'text has other content than was written',
    );
  });

  describe('where no links are possible', () => {
    const { linkSync: link } = fs;
    beforeEach(() => {
      fs.linkSync = () => {
        throw Object.assign(new Error('EXDEV'), { code: 'EXDEV' });
      };
    });
    afterEach(() => {
      fs.linkSync = link;
    });

    it('are copied, and both are known', async () => {
      place();
      expect(readFileSync(folder.path('release/layer'), 'utf8')).to.equal('a layer and so on');
      expect(trusted()).to.equal(true);
      await damage(folder.path('release/layer'));
      expect(trusted()).to.equal(true);
      expect(() => files.confirm()).to.throw(DAMAGED);
    });

    it('are not copied when they were damaged before', async () => {
      await damage(folder.path('store/layer'));
      expect(() => place()).to.throw(DAMAGED);
    });
  });
});

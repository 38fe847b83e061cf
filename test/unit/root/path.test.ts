import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { expect } from 'chai';
import { inRoot, realInRoot } from '../../../lib/root/path';
import { testFolder } from '../../helpers/folder';

describe('a path in the image', () => {
  const folder = testFolder();
  beforeEach(() => {
    mkdirSync(folder.path('usr/lib'), { recursive: true });
    mkdirSync(folder.path('etc'));
    symlinkSync('usr/lib', folder.path('lib'));
    symlinkSync('/usr/lib', folder.path('absolute'));
    symlinkSync('/no/such', folder.path('outside'));
    symlinkSync('../../..', folder.path('usr/up'));
    symlinkSync('loop', folder.path('loop'));
  });

  const resolved = (path: string): string => inRoot(folder.path(), path).slice(folder.path().length);

  it('is found below the root', () => {
    expect(resolved('/etc/motd')).to.equal('/etc/motd');
    expect(resolved('new/deep/file')).to.equal('/new/deep/file');
  });

  it('follows links in its parents with the image as root', () => {
    expect(resolved('/lib/x')).to.equal('/usr/lib/x');
    expect(resolved('/absolute/x')).to.equal('/usr/lib/x');
  });

  it('does not follow its last part', () => {
    expect(resolved('/lib')).to.equal('/lib');
  });

  for (const [what, path, message] of [
    ['contains ..', '/etc/../../x', /contains "\.\."/],
    ['passes through an absolute link out of the image', '/outside/x', /\/outside is a link to \/no\/such/],
    ['passes through a link that climbs out', '/usr/up/x', /leads out of the image/],
    ['passes through a link to itself', '/loop/x', /too many links/],
  ] as const) {
    it(`is refused when it ${what}`, () => {
      expect(() => inRoot(folder.path(), path, 'overlay/file'))
        .to.throw(message)
        .with.property('message')
        .that.contains('overlay/file');
    });
  }

  it('is refused when a parent is a file', () => {
    writeFileSync(folder.path('etc/file'), '');
    expect(() => inRoot(folder.path(), '/etc/file/x')).to.throw(/\/etc\/file is not a folder/);
  });
});

describe('what a program in the image finds at a path', () => {
  const folder = testFolder();
  const found = (path: string): string | undefined =>
    realInRoot(folder.path(), path)?.slice(folder.path().length);

  it('is the target of links, with the image as root', () => {
    mkdirSync(folder.path('usr/bin'), { recursive: true });
    writeFileSync(folder.path('usr/bin/tool'), '');
    symlinkSync('/usr/bin', folder.path('bin'));
    symlinkSync('../bin/tool', folder.path('usr/bin/other'));
    symlinkSync('/bin/other', folder.path('tool'));
    expect(found('/bin/other')).to.equal('/usr/bin/tool');
    expect(found('/tool')).to.equal('/usr/bin/tool');
    expect(found('/bin')).to.equal('/usr/bin');
    expect(found('/bin/../../../../usr/bin/tool')).to.equal('/usr/bin/tool');
  });

  it('is nothing where links lead in circles, to nothing or through a file', () => {
    symlinkSync('b', folder.path('a'));
    symlinkSync('a', folder.path('b'));
    symlinkSync('nowhere', folder.path('c'));
    symlinkSync('/d/e', folder.path('d'));
    writeFileSync(folder.path('file'), '');
    for (const path of ['/a', '/c', '/d/x', '/file/x', '/missing/x']) expect(found(path)).to.equal(undefined);
  });

  it('is never a file of this machine', () => {
    symlinkSync('/etc', folder.path('etc'));
    symlinkSync('../../../../../../etc', folder.path('up'));
    symlinkSync('/up/passwd', folder.path('passwd'));
    for (const path of ['/etc/passwd', '/up/passwd', '/passwd']) expect(found(path)).to.equal(undefined);
  });
});

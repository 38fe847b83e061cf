import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { expect } from 'chai';
import { inRoot } from '../../../lib/root/path';
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
    expect(() => inRoot(folder.path(), '/etc/file/x')).to.throw(/\/etc\/file is no folder/);
  });
});

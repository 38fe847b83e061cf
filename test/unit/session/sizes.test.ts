import { linkSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { expect } from 'chai';
import { ownership } from '../../../lib/distributions/debian/ownership';
import { sizesOf, sizeTable } from '../../../lib/session/sizes';
import { testFolder } from '../../helpers/folder';

describe('what takes the place in a release', () => {
  const folder = testFolder();
  const put = (path: string, bytes: number | string): void => {
    mkdirSync(dirname(folder.path(path)), { recursive: true });
    writeFileSync(folder.path(path), typeof bytes === 'string' ? bytes : 'x'.repeat(bytes));
  };
  const measured = () =>
    sizesOf([folder.path('low'), folder.path('missing'), folder.path('high')], { ownership });
  beforeEach(() => {
    put('low/usr/bin/dockerd', 1000);
    put('low/usr/lib/one.so', 200);
    put('low/etc/ld.so.cache', 30);
    symlinkSync('usr/lib', folder.path('low/lib'));
    put('low/var/lib/dpkg/info/docker.io.list', '/.\n/usr\n/usr/bin/dockerd\n');
    put('low/var/lib/dpkg/info/libone:amd64.list', '/lib/one.so\n');
    put('high/etc/motd', 5);
  });

  it('is added up by package, by the paths that the package has, or that these lead to', () => {
    const { packages, files } = measured();
    expect(packages.slice(0, 2)).to.deep.equal([
      ['docker.io', 1000],
      ['libone', 200],
    ]);
    expect(files[0]).to.deep.equal({ path: 'usr/bin/dockerd', bytes: 1000 });
  });

  it('is not what a layer above replaces, nor a second name of a file', () => {
    linkSync(folder.path('low/usr/bin/dockerd'), folder.path('low/usr/bin/dockerd2'));
    expect(measured().bytes).to.equal(1000 + 200 + 30 + 5 + 25 + 12);
    mkdirSync(folder.path('high/usr'), { recursive: true });
    symlinkSync('elsewhere', folder.path('high/usr/lib'));
    put('high/etc/ld.so.cache', 10);
    const { packages, bytes } = measured();
    expect(bytes).to.equal(1000 + 10 + 5 + 25 + 12);
    expect(packages.map(([name]) => name)).not.to.include('libone');
  });

  it('is shown with the parts of the release', () => {
    const text = sizeTable(
      [
        { path: 'vmlinuz', bytes: 2048 },
        { path: 'layers/10-root.squashfs', bytes: 1024 },
      ],
      measured(),
    );
    expect(text)
      .to.match(/^2\.0 KiB +vmlinuz$/m)
      .and.match(/^3\.0 KiB +all of it$/m);
    expect(text)
      .to.match(/^1000 bytes +docker\.io$/m)
      .and.match(/^1000 bytes +\/usr\/bin\/dockerd$/m);
  });
});

import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { expect } from 'chai';
import { setRootPassword } from '../../../lib/root/system-files';
import { testFolder } from '../../helpers/folder';

describe("root's password", () => {
  const root = testFolder();
  const read = (name: string): string => readFileSync(root.path(`etc/${name}`), 'utf8');
  const write = (name: string, text: string): void => writeFileSync(root.path(`etc/${name}`), text);
  beforeEach(() => {
    mkdirSync(root.path('etc'));
    write('passwd', 'root:*:0:0:root:/root:/bin/bash\nbin:*:2:2:bin:/bin:/usr/sbin/nologin\n');
  });

  it('is in the entry that there is', () => {
    write('shadow', 'root:*:20000:0:99999:7:::\nbin:*:1::::::\n');
    setRootPassword(root.path(), 'locked');
    expect(read('shadow')).to.equal('root:!*:20000:0:99999:7:::\nbin:*:1::::::\n');
    setRootPassword(root.path(), '$6$salt$hash');
    expect(read('shadow')).to.match(/^root:\$6\$salt\$hash:20000:/m);
  });

  it('gets an entry where there is none, with or without the file, which only root reads', () => {
    for (const before of [undefined, '_users:!*:1::::::\n']) {
      if (before !== undefined) write('shadow', before);
      setRootPassword(root.path(), '$6$salt$hash');
      expect(read('shadow')).to.equal(`${before ?? ''}root:$6$salt$hash:::::::\n`);
      expect(statSync(root.path('etc/shadow')).mode & 0o777).to.equal(0o600);
      expect(read('passwd')).to.match(/^root:x:0:0:/m);
      expect(read('passwd')).to.match(/^bin:\*:/m);
    }
  });

  it('stays locked where there is no entry', () => {
    setRootPassword(root.path(), 'locked');
    expect(read('passwd')).to.match(/^root:\*:/);
    expect(() => read('shadow')).to.throw(/ENOENT/);
  });
});

import { mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { expect } from 'chai';
import { removeUsers } from '../../../lib/root/accounts';
import { testFolder } from '../../helpers/folder';

describe('removed users', () => {
  const root = testFolder();
  const read = (name: string): string => readFileSync(root.path(`etc/${name}`), 'utf8');
  beforeEach(() => {
    mkdirSync(root.path('etc'));
    const files: Record<string, string> = {
      passwd:
        'root:x:0:0:root:/root:/bin/bash\ngames:x:5:60:games:/usr/games:/usr/sbin/nologin\nann:x:1000:1000::/home/ann:/bin/sh\nbob:x:1001:1000::/home/bob:/bin/sh\nlp:x:7:7:lp:/var/spool/lpd:/bin/sh\n',
      shadow: 'root:*:1::::::\ngames:*:1::::::\nann:!:1::::::\nbob:!:1::::::\nlp:*:1::::::\n',
      group: 'root:x:0:\ngames:x:60:\nann:x:1000:\nlp:x:7:ann\nsudo:x:27:ann,bob\n',
      gshadow: 'root:*::\ngames:*::\nann:!::\nlp:*::ann\nsudo:*::ann,bob\n',
      subuid: 'ann:100000:65536\n',
    };
    for (const [name, text] of Object.entries(files)) writeFileSync(root.path(`etc/${name}`), text);
  });

  it('are gone from every file of accounts, with the groups that are theirs alone', () => {
    removeUsers(root.path(), ['games']);
    expect(read('passwd')).not.to.match(/games/);
    expect(read('shadow')).to.equal('root:*:1::::::\nann:!:1::::::\nbob:!:1::::::\nlp:*:1::::::\n');
    expect(read('group')).not.to.match(/games/);
    expect(read('gshadow')).not.to.match(/games/);
  });

  it('leave a group that is the first one of another, or has members', () => {
    removeUsers(root.path(), ['ann']);
    expect(read('group')).to.equal('root:x:0:\ngames:x:60:\nann:x:1000:\nlp:x:7:\nsudo:x:27:bob\n');
    expect(read('subuid')).to.equal('');
    writeFileSync(root.path('etc/group'), 'lp:x:7:bob\n');
    removeUsers(root.path(), ['lp']);
    expect(read('group')).to.equal('lp:x:7:bob\n');
  });

  it('leave the mode of a file, and what a link out of the image leads to', () => {
    writeFileSync(root.path('outside'), 'ann:x:1:1::/:/bin/sh\n');
    mkdirSync(root.path('image/etc'), { recursive: true });
    symlinkSync('../../outside', root.path('image/etc/shadow'));
    writeFileSync(root.path('image/etc/passwd'), 'ann:x:1:1::/:/bin/sh\n', { mode: 0o640 });
    removeUsers(root.path('image'), ['ann']);
    expect(readFileSync(root.path('outside'), 'utf8')).to.match(/ann/);
    expect(statSync(root.path('image/etc/passwd')).mode & 0o777).to.equal(0o640);
    expect(readFileSync(root.path('image/etc/passwd'), 'utf8')).to.equal('');
  });
});

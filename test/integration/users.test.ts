import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { makeUsers } from '../../lib/root/users';

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAICoVS+XZw2zOvRH+vA2WGnO+QaNoBn7gnZ6ah3eRcLZM me';
const PLAIN = { ssh_keys: [], password: 'locked', uid: undefined, groups: [], shell: undefined, sudo: false };

describe('users of an image', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'dock0-users-'));
    for (const folder of ['etc/sudoers.d', 'bin', 'usr/bin', 'home'])
      mkdirSync(join(root, folder), { recursive: true });
    writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\ndaemon:x:1:1::/:/bin/false\n');
    writeFileSync(join(root, 'etc/shadow'), 'root:!*:::::::\ndaemon:*:::::::\n', { mode: 0o640 });
    writeFileSync(join(root, 'etc/group'), 'root:x:0:\ndaemon:x:1:\ndocker:x:998:old\n');
    writeFileSync(join(root, 'etc/gshadow'), 'root:*::\ndaemon:*::\ndocker:!::old\n');
  });
  afterEach(() => rmSync(root, { recursive: true }));

  const make = (users: Record<string, object>): void =>
    makeUsers(
      root,
      Object.fromEntries(Object.entries(users).map(([name, user]) => [name, { ...PLAIN, ...user }])),
      (keys) => keys.join('.'),
    );
  const read = (path: string): string => readFileSync(join(root, path), 'utf8');
  const attributes = (path: string): (string | number)[] => {
    const { mode, uid, gid } = statSync(join(root, path));
    return [(mode & 0o7777).toString(8), uid, gid];
  };

  it('have lines in all files of accounts, a group, a home and keys of their own', () => {
    make({ deploy: { ssh_keys: [KEY, KEY], groups: ['docker'] } });
    expect(read('etc/passwd')).to.match(/\ndeploy:x:1000:1000::\/home\/deploy:\/bin\/sh\n$/);
    expect(read('etc/shadow')).to.match(/\ndeploy:!\*::0:99999:7:::\n$/);
    expect(read('etc/group')).to.match(/\ndocker:x:998:old,deploy\ndeploy:x:1000:\n$/);
    expect(read('etc/gshadow')).to.match(/\ndocker:!::old,deploy\ndeploy:!::\n$/);
    expect(attributes('home/deploy')).to.deep.equal(['700', 1000, 1000]);
    expect(attributes('home/deploy/.ssh')).to.deep.equal(['700', 1000, 1000]);
    expect(attributes('home/deploy/.ssh/authorized_keys')).to.deep.equal(['600', 1000, 1000]);
    expect(read('home/deploy/.ssh/authorized_keys')).to.equal(`${KEY}\n${KEY}\n`);
    expect(attributes('etc/shadow')[0]).to.equal('640');
  });

  it('have the same modes with any umask', () => {
    const before = process.umask(0o077);
    try {
      writeFileSync(join(root, 'usr/bin/sudo'), '');
      make({ deploy: { ssh_keys: [KEY], sudo: true } });
    } finally {
      process.umask(before);
    }
    expect(attributes('home/deploy/.ssh/authorized_keys')[0]).to.equal('600');
    expect(attributes('etc/sudoers.d/dock0-deploy')).to.deep.equal(['440', 0, 0]);
    expect(attributes('etc/passwd')[0]).to.equal('644');
  });

  it('get free numbers by their names, past those that are stated', () => {
    make({ b: {}, a: {}, c: { uid: 1000 } });
    const ids = [...read('etc/passwd').matchAll(/^([abc]):x:(\d+)/gm)].map(([, name, id]) => `${name} ${id}`);
    expect(ids.sort()).to.deep.equal(['a 1001', 'b 1002', 'c 1000']);
  });

  it('are brought up to date where they are there already', () => {
    make({ deploy: { groups: ['docker'], password: 'locked' } });
    make({ deploy: { password: '$6$x' } });
    expect(read('etc/passwd').match(/deploy/g)).to.have.length(2);
    expect(read('etc/shadow')).to.match(/\ndeploy:\$6\$x::0:/);
    expect(read('etc/group')).to.match(/\ndocker:x:998:old\n/);
  });

  it('are refused as system users, and with a group, a shell or a sudo that is not there', () => {
    expect(() => make({ daemon: {} })).to.throw('users.daemon: the image has a system user daemon, number 1');
    expect(() => make({ a: { groups: ['dokcer'] } })).to.throw(
      'users.a.groups.0: the image has no group dokcer; did you mean docker?',
    );
    expect(() => make({ a: { shell: '/bin/zsh' } })).to.throw('users.a.shell: the image has no /bin/zsh');
    expect(() => make({ a: { sudo: true } })).to.throw('users.a.sudo: the image has no sudo');
  });

  it('get no home outside of the image', () => {
    const outside = mkdtempSync(join(tmpdir(), 'dock0-outside-'));
    try {
      for (const path of ['home/a', 'home/b/.ssh', 'home/c/.ssh/authorized_keys']) {
        mkdirSync(join(root, path, '..'), { recursive: true });
        symlinkSync(join(outside, 'kept'), join(root, path));
      }
      writeFileSync(join(outside, 'kept'), 'kept');
      const before = statSync(join(outside, 'kept'));
      make(Object.fromEntries(['a', 'b', 'c'].map((name) => [name, { ssh_keys: [KEY] }])));
      expect(readFileSync(join(outside, 'kept'), 'utf8')).to.equal('kept');
      expect(statSync(join(outside, 'kept')).ctimeMs).to.equal(before.ctimeMs);
      expect(read('home/a/.ssh/authorized_keys')).to.equal(`${KEY}\n`);
    } finally {
      rmSync(outside, { recursive: true });
    }
  });
});

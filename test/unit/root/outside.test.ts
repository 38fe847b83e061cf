import { lstatSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { removal as pacman } from '../../../lib/distributions/arch/removal';
import { forgetTheBuild } from '../../../lib/distributions/debian/install';
import { removal as dpkg } from '../../../lib/distributions/debian/removal';
import { moduleFolder } from '../../../lib/distributions/kernel-modules';
import { globInRoot } from '../../../lib/root/glob';
import { setRootPassword, sshKeys } from '../../../lib/root/system-files';
import { removeTraces } from '../../../lib/root/traces';
import { place } from '../../../lib/root/tree';
import { testFolder } from '../../helpers/folder';

/** Paths that an image may have replaced by a link. */
const PATHS = [
  ...[
    'etc',
    'etc/machine-id',
    'etc/ssh',
    'etc/shadow',
    'etc/passwd-',
    'etc/apt/sources.list.d',
    'tmp',
    'run',
  ],
  ...[
    'var',
    'var/log',
    'var/log/wtmp',
    'var/log/apt',
    'var/lib/dpkg',
    'var/lib/dpkg/status',
    'var/lib/pacman/local',
  ],
  ...['root', 'root/.ssh', 'root/.ssh/authorized_keys', 'usr', 'usr/lib/modules', 'usr/lib/modules/1.0'],
];
const CANARIES = [
  'machine-id',
  'passwd-',
  'shadow',
  'wtmp',
  'status',
  'ssh_host_key',
  'name-1-1',
  '1.0/vmlinuz',
  'log/x',
];

describe('Code that changes an image with links to the outside', () => {
  const folder = testFolder();

  it('leaves everything outside of the image as it is', () => {
    const outside = folder.path('outside');
    for (const name of CANARIES) {
      mkdirSync(dirname(join(outside, name)), { recursive: true });
      writeFileSync(join(outside, name), `root:x:1:\nStatus: install ok installed\n\nPackage: ${name}\n`);
    }
    const state = (): unknown[] =>
      ['', ...CANARIES].map((name) => {
        const { mode, uid, gid, ctimeMs, size } = lstatSync(join(outside, name));
        return [
          name,
          mode,
          uid,
          gid,
          ctimeMs,
          size,
          name === '' ? '' : readFileSync(join(outside, name), 'utf8'),
        ];
      });
    const before = state();
    let compared = 0;
    const root = folder.path('root');
    for (const path of PATHS) {
      for (const target of [
        outside,
        join(outside, 'wtmp'),
        '../../../../outside',
        path.split('/').at(-1) ?? '',
      ]) {
        rmSync(root, { recursive: true, force: true });
        mkdirSync(dirname(join(root, path)), { recursive: true });
        mkdirSync(join(root, 'etc/x'), { recursive: true });
        rmSync(join(root, path), { recursive: true, force: true });
        symlinkSync(target, join(root, path));
        for (const change of [
          () => forgetTheBuild(root),
          () => removeTraces(root, ['var/log/wtmp', 'var/lib/dpkg/status']),
          () => setRootPassword(root, 'locked'),
          () => place(root, sshKeys(['ssh-ed25519 key'])),
        ]) {
          try {
            change();
          } catch (error) {
            expect((error as Error).name, String(error)).to.equal('Dock0Error');
          }
        }
        expect(globInRoot(root, `/${path}/*`), path).to.not.include(`/${path}/wtmp`);
        expect(dpkg.installed(root), path).to.deep.equal([]);
        expect(pacman.installed(root), path).to.deep.equal([]);
        expect(moduleFolder(root, ['usr/lib/modules']), path).to.equal(undefined);
        expect(state(), `${path} -> ${target}`).to.deep.equal(before);
        compared += before.length;
      }
    }
    console.log(`      ${compared} canaries compared`);
  });
});

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { machineProgram } from '../../../lib/config/paths';
import { testFolder } from '../../helpers/folder';

const PROGRAM = machineProgram('releases');

describe('the releases of a disk', () => {
  const folder = testFolder();
  const disk = (name = ''): string => folder.path(join('disk', name));
  const releases = (command: string, ...words: string[]): string =>
    execFileSync('sh', [PROGRAM, command, disk(), ...words], { encoding: 'utf8', stdio: 'pipe' });
  const refusal = (command: string, ...words: string[]): string => {
    try {
      return `it worked: ${releases(command, ...words)}`;
    } catch (error) {
      return (error as { stderr: string }).stderr;
    }
  };
  const write = (where: string, id: string, files: Record<string, string> = {}): string => {
    const all: Record<string, string> = {
      vmlinuz: `kernel of ${id}`,
      'initramfs.img': 'initramfs',
      cmdline: `quiet dock0.root=LABEL=disk dock0.id=${id}\n`,
      'manifest.json': `{\n  "name": "web",\n  "release": "${id}"\n}\n`,
      'layers/10-packages.squashfs': 'packages',
      'layers/30-custom.squashfs': `customization of ${id}`,
      ...files,
    };
    mkdirSync(join(where, 'layers'), { recursive: true });
    for (const [path, text] of Object.entries(all)) writeFileSync(join(where, path), text);
    const sums = Object.entries(all).map(
      ([path, text]) => `${createHash('sha256').update(text).digest('hex')}  ${path}\n`,
    );
    // What stays with the build has a sum, too.
    writeFileSync(join(where, 'SHA256SUMS'), [...sums, `${'0'.repeat(64)}  disk.img\n`].join(''));
    return where;
  };
  const menu = (): string => readFileSync(disk('boot/grub/grub.cfg'), 'utf8');
  const entries = (): string[] => [...menu().matchAll(/--id release-(\S+) /g)].map(([, id = '']) => id);
  /** Adds a release on a disk of so many KiB. */
  const addTo = (kibibytes: number, id: string): string => {
    const stand = folder.path('bin/df');
    mkdirSync(folder.path('bin'), { recursive: true });
    // The files of a folder take what they take here; how large its disk is only this says.
    writeFileSync(
      stand,
      `#!/bin/sh\nset -- "$(du -sk '${disk()}' | cut -f 1)"\necho x\necho "d 1 $1 $((${kibibytes} - $1)) 1% /"\n`,
      { mode: 0o755 },
    );
    const large = { 'layers/10-packages.squashfs': `packages of ${id}`.padEnd(1_000_000, id) };
    const env = { ...process.env, PATH: `${folder.path('bin')}:${process.env.PATH}` };
    const words = ['add', disk(), write(folder.path(`new-${id}`), id, large), '3', '0'];
    return execFileSync('sh', [PROGRAM, ...words], { encoding: 'utf8', stdio: 'pipe', env });
  };
  const add = (id: string, keep = '3', tries = '3'): string =>
    releases('add', write(folder.path(`new-${id}`), id), keep, tries);
  beforeEach(() => {
    write(disk('dock0/aa'), 'aa');
    releases('first', 'aa', disk('dock0/aa'), 'grub');
  });

  it('begin with one, which boots', () => {
    expect(releases('list')).to.equal('aa current\n');
    expect(entries()).to.deep.equal(['aa']);
    expect(readlinkSync(disk('dock0/current'))).to.equal('aa');
    expect(readFileSync(disk('boot/grub/grubenv'))).to.have.length(1024);
    expect(readFileSync(disk('boot/grub/grubenv'), 'latin1')).to.match(
      /^# GRUB Environment Block\ncurrent=aa\n.*#$/s,
    );
  });

  it('get another one beside them, which is tried, and boots once it is confirmed', () => {
    add('bb');
    expect(releases('list').split('\n').sort().join(' ')).to.equal(' aa current bb trying:3');
    expect(readlinkSync(disk('dock0/current'))).to.equal('aa');
    expect(entries()).to.have.members(['aa', 'bb']);
    expect(menu()).to.match(/^set default=release-aa$/m);
    releases('confirm', 'bb');
    expect(releases('list').split('\n').sort().join(' ')).to.equal(' aa previous bb current');
    expect(readlinkSync(disk('dock0/current'))).to.equal('bb');
    expect(readlinkSync(disk('dock0/previous'))).to.equal('aa');
  });

  it('share the files that are the same', () => {
    add('bb');
    const inode = (path: string): number => lstatSync(disk(path)).ino;
    expect(inode('dock0/bb/layers/10-packages.squashfs')).to.equal(
      inode('dock0/aa/layers/10-packages.squashfs'),
    );
    expect(inode('dock0/bb/layers/30-custom.squashfs')).to.not.equal(
      inode('dock0/aa/layers/30-custom.squashfs'),
    );
  });

  it('take no damaged file over from another release', () => {
    writeFileSync(disk('dock0/aa/layers/10-packages.squashfs'), 'PACKAGES');
    add('bb');
    expect(readFileSync(disk('dock0/bb/layers/10-packages.squashfs'), 'utf8')).to.equal('packages');
  });

  it('go back to the previous one, and to any other', () => {
    add('bb', '3', '0');
    releases('back');
    expect(releases('list').split('\n').sort().join(' ')).to.equal(' aa current bb previous');
    releases('back', 'bb');
    expect(readlinkSync(disk('dock0/current'))).to.equal('bb');
    expect(refusal('back', 'cc')).to.match(/^there is no release cc; there are: (aa bb|bb aa) $/m);
  });

  it('are as many as are to be kept, and never fewer than boot, booted and are tried', () => {
    for (const id of ['bb', 'cc', 'dd']) add(id, '3', '0');
    expect(readdirSync(disk('dock0')).sort()).to.deep.equal(['bb', 'cc', 'current', 'dd', 'previous']);
    add('ee', '1');
    expect(readdirSync(disk('dock0')).sort()).to.deep.equal(['cc', 'current', 'dd', 'ee', 'previous']);
    expect(entries()).to.have.members(['cc', 'dd', 'ee']);
  });

  it('stay as they are where the new one is damaged, or no release', () => {
    const made = write(folder.path('bad'), 'bb');
    appendFileSync(join(made, 'vmlinuz'), '!');
    const before = menu();
    expect(refusal('add', made, '3', '3')).to.contain('vmlinuz of the new release is damaged');
    expect(refusal('add', folder.path(), '3', '3')).to.contain('is no release');
    expect(menu()).to.equal(before);
    expect(readdirSync(disk('dock0')).sort()).to.deep.equal(['aa', 'current']);
  });

  it('get a release anew that is there and damaged', () => {
    add('bb', '3', '0');
    releases('back');
    writeFileSync(disk('dock0/bb/vmlinuz'), 'damaged');
    add('bb');
    expect(readFileSync(disk('dock0/bb/vmlinuz'), 'utf8')).to.equal('kernel of bb');
  });

  it('get the files of the one that boots anew where they are damaged or missing', () => {
    writeFileSync(disk('dock0/aa/vmlinuz'), 'damaged');
    rmSync(disk('dock0/aa/layers/10-packages.squashfs'));
    expect(add('aa').split('\n').sort()).to.deep.equal([
      '',
      'release aa boots already',
      'replaced layers/10-packages.squashfs of release aa, which was damaged',
      'replaced vmlinuz of release aa, which was damaged',
    ]);
    expect(readFileSync(disk('dock0/aa/vmlinuz'), 'utf8')).to.equal('kernel of aa');
    expect(readFileSync(disk('dock0/aa/layers/10-packages.squashfs'), 'utf8')).to.equal('packages');
    const bad = write(folder.path('worse'), 'aa');
    for (const where of [bad, disk('dock0/aa')]) writeFileSync(join(where, 'vmlinuz'), 'damaged');
    expect(refusal('add', bad, '3', '3')).to.contain('vmlinuz of release aa is damaged on the disk');
  });

  it('have a release once, and lose what an interruption left', () => {
    mkdirSync(disk('dock0/.adding-bb/layers'), { recursive: true });
    mkdirSync(disk('dock0/.removed-00'));
    expect(add('aa')).to.equal('release aa boots already\n');
    add('bb');
    expect(existsSync(disk('dock0/.adding-bb'))).to.equal(false);
    expect(existsSync(disk('dock0/.removed-00'))).to.equal(false);
  });

  it('have a command line that the shell of GRUB leaves as it is', () => {
    add('bb');
    releases(
      'add',
      write(folder.path('odd'), 'cc', { cmdline: 'quiet foo="$a;{b}" bar=#1 x=\\n\\x2d\n' }),
      '3',
      '0',
    );
    expect(menu()).to.contain(
      `vmlinuz quiet foo=\\"\\$a\\;\\{b\\}\\" bar=\\#1 x=\\\\n\\\\x2d dock0.release=cc $trial $panic\n`,
    );
  });

  it('make room, the oldest first, for one that has none, where nothing needs them', () => {
    for (const id of ['bb', 'cc']) addTo(10_000, id);
    expect(releases('list')).to.equal('cc current\nbb previous\naa\n');
    // The fourth fits; the fifth only without the oldest of those that nothing needs.
    expect(addTo(6_200, 'dd')).not.to.contain('removed the release bb');
    expect(addTo(6_200, 'ee')).to.contain('removed the release bb');
    expect(releases('list')).to.equal('ee current\ndd previous\ncc\n');
    expect(entries()).to.have.members(['ee', 'dd', 'cc']);
    for (const id of ['dd', 'ee'])
      expect(readFileSync(disk(`dock0/${id}/layers/10-packages.squashfs`), 'utf8')).to.contain(id);
  });

  it('stay, all of them, where even that would not be room enough', () => {
    for (const id of ['bb', 'cc']) addTo(10_000, id);
    const before = releases('list');
    expect(() => addTo(4_000, 'dd')).to.throw(/no room for the release: it takes \d+ MiB, \d+ MiB are free/);
    expect(releases('list')).to.equal(before);
    expect(entries()).to.have.members(['cc', 'bb', 'aa']);
  });
});

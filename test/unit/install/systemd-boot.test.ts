import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { machineProgram } from '../../../lib/config/paths';
import { testFolder } from '../../helpers/folder';

const PROGRAM = machineProgram('releases');
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** An EFI system partition: a folder, as a machine mounts it, or part of a disk image, as the build host reads it. */
interface Esp {
  where: string;
  /** The files of a folder, in the order of their names. */
  names: (path: string) => string[];
  read: (path: string) => string;
}

const KINDS: Record<string, (at: string) => Esp> = {
  'a folder': (at) => {
    mkdirSync(at);
    return {
      where: at,
      names: (path) => (existsSync(join(at, path)) ? readdirSync(join(at, path)).sort() : []),
      read: (path) => readFileSync(join(at, path), 'utf8'),
    };
  },
  'a disk image': (at) => {
    const where = `${at}@@1048576`;
    const env = { ...process.env, MTOOLS_SKIP_CHECK: '1' };
    const mtools = (command: string, ...words: string[]): string =>
      execFileSync(command, ['-i', where, ...words], { encoding: 'utf8', stdio: 'pipe', env });
    writeFileSync(at, '');
    truncateSync(at, 36 * 2 ** 20);
    execFileSync('mkfs.fat', ['-F', '32', '-s', '1', '--offset', '2048', at, String(34 * 1024)], {
      stdio: 'pipe',
    });
    return {
      where,
      names: (path) => {
        try {
          const listed = mtools('mdir', '-b', `::/${path}`);
          return listed
            .split('\n')
            .filter((line) => line !== '')
            .map((line) => line.slice(line.lastIndexOf('/') + 1))
            .sort();
        } catch {
          return [];
        }
      },
      read: (path) => mtools('mcopy', `::/${path}`, '-'),
    };
  },
};

for (const [kind, make] of Object.entries(KINDS))
  describe(`the releases that systemd-boot boots from ${kind}`, () => {
    const folder = testFolder();
    let esp: Esp;
    const disk = (name = ''): string => folder.path(join('disk', name));
    const releases = (command: string, ...words: string[]): string =>
      execFileSync('sh', [PROGRAM, command, disk(), ...words], {
        encoding: 'utf8',
        stdio: 'pipe',
        env: { ...process.env, DOCK0_ESP: esp.where },
      });
    const refusal = (command: string, ...words: string[]): string => {
      try {
        return `it worked: ${releases(command, ...words)}`;
      } catch (error) {
        return (error as { stderr: string }).stderr;
      }
    };
    const write = (id: string, files: Record<string, string> = {}): string => {
      const all: Record<string, string> = {
        vmlinuz: 'kernel',
        'initramfs.img': `initramfs of ${id}`,
        cmdline: `quiet dock0.id=${id}\n`,
        'manifest.json': `{\n  "name": "web",\n  "release": "${id}"\n}\n`,
        'layers/10-packages.squashfs': 'packages',
        ...files,
      };
      const where = folder.path(`new-${id}`);
      for (const [path, text] of Object.entries(all)) {
        mkdirSync(dirname(join(where, path)), { recursive: true });
        writeFileSync(join(where, path), text);
      }
      const sums = Object.entries(all).map(([path, text]) => `${sha256(text)}  ${path}\n`);
      writeFileSync(join(where, 'SHA256SUMS'), sums.join(''));
      return where;
    };
    const add = (id: string, tries: string, files?: Record<string, string>): string =>
      releases('add', write(id, files), '3', tries, 'systemd-boot');
    const entries = (): string[] => esp.names('loader/entries');
    const listed = (): string[] => releases('list').trim().split('\n').sort();
    beforeEach(() => {
      esp = make(folder.path('esp'));
      const first = write('aa');
      mkdirSync(disk('dock0/aa/layers'), { recursive: true });
      for (const name of ['cmdline', 'manifest.json', 'SHA256SUMS', 'layers/10-packages.squashfs'])
        writeFileSync(join(disk('dock0/aa'), name), readFileSync(join(first, name)));
      releases('first', 'aa', first, 'systemd-boot');
    });

    it('begin with one, whose kernel and initramfs are there', () => {
      expect(listed()).to.deep.equal(['aa current']);
      expect(entries()).to.deep.equal(['dock0-00000001-aa.conf']);
      const kernel = `${sha256('kernel').slice(0, 16)}.linux`;
      const initramfs = `${sha256('initramfs of aa').slice(0, 16)}.initrd`;
      expect(esp.read('loader/entries/dock0-00000001-aa.conf')).to.equal(
        `title web aa\nsort-key dock0\nlinux /dock0/${kernel}\ninitrd /dock0/${initramfs}\noptions quiet dock0.id=aa dock0.release=aa dock0.counted\n`,
      );
      expect(esp.names('dock0')).to.have.members([kernel, initramfs]);
      expect(esp.read(`dock0/${kernel}`)).to.equal('kernel');
    });

    it('are tried as often as the name says, and boot once they are confirmed', () => {
      add('bb', '3');
      expect(entries()).to.deep.equal(['dock0-00000001-aa.conf', 'dock0-00000002-bb+3.conf']);
      expect(listed()).to.deep.equal(['aa current', 'bb trying:3']);
      expect(readdirSync(disk('dock0/bb')).sort()).to.deep.equal([
        'SHA256SUMS',
        'cmdline',
        'layers',
        'manifest.json',
      ]);
      // The second one has the kernel of the first.
      expect(esp.names('dock0')).to.have.length(3);
      releases('confirm', 'bb');
      expect(entries()).to.deep.equal(['dock0-00000001-aa.conf', 'dock0-00000002-bb.conf']);
      expect(listed()).to.deep.equal(['aa previous', 'bb current']);
      releases('back');
      expect(entries()).to.deep.equal(['dock0-00000002-bb.conf', 'dock0-00000003-aa.conf']);
      expect(listed()).to.deep.equal(['aa current', 'bb previous']);
    });

    it('are one file each where they are unified kernel images', () => {
      add('bb', '2', { 'linux.efi': 'image' });
      expect([...entries(), ...esp.names('EFI/Linux')]).to.deep.equal([
        'dock0-00000001-aa.conf',
        'dock0-00000002-bb+2.efi',
      ]);
      expect(esp.read('EFI/Linux/dock0-00000002-bb+2.efi')).to.equal('image');
      releases('confirm', 'bb');
      expect(esp.names('EFI/Linux')).to.deep.equal(['dock0-00000002-bb.efi']);
    });

    it('are no more than are kept, also where kernels and initramfs are', () => {
      for (const id of ['bb', 'cc', 'dd']) add(id, '0');
      expect(entries()).to.deep.equal([
        'dock0-00000002-bb.conf',
        'dock0-00000003-cc.conf',
        'dock0-00000004-dd.conf',
      ]);
      expect(esp.names('dock0')).to.have.length(4);
    });

    it('stay as they are where a file of the new one is damaged, or it is for another boot loader', () => {
      const before = [...entries(), ...esp.names('dock0')];
      const bad = write('bb');
      writeFileSync(join(bad, 'initramfs.img'), 'damaged');
      expect(refusal('add', bad, '3', '3', 'systemd-boot')).to.contain(
        'initramfs.img of the new release is damaged',
      );
      expect(refusal('add', write('cc'), '3', '3', 'grub')).to.equal(
        'the disk boots by systemd-boot, and the release is made for grub\n',
      );
      expect([...entries(), ...esp.names('dock0')]).to.deep.equal(before);
      expect(readdirSync(disk('dock0')).sort()).to.deep.equal(['aa', 'current']);
    });

    if (kind === 'a disk image')
      it('stay as they are where the EFI system partition has no room', () => {
        const before = [...entries(), ...esp.names('dock0')];
        const large = { vmlinuz: 'k'.repeat(20 * 2 ** 20), 'initramfs.img': 'i'.repeat(20 * 2 ** 20) };
        expect(refusal('add', write('bb', large), '3', '3', 'systemd-boot')).to.match(
          /^the EFI system partition has no room for initramfs.img: it takes 20544 KiB, 1\d{4} KiB are free\n$/,
        );
        expect([...entries(), ...esp.names('dock0')]).to.deep.equal(before);
        expect(readdirSync(disk('dock0')).sort()).to.deep.equal(['aa', 'current']);
        expect(listed()).to.deep.equal(['aa current']);
      });

    it('lose what an interruption left, and are mended', () => {
      add('bb', '3');
      const [kernel = ''] = esp.names('dock0').filter((name) => name.endsWith('.linux'));
      if (kind === 'a folder') {
        writeFileSync(join(esp.where, 'dock0', kernel), 'damaged');
        writeFileSync(join(esp.where, 'dock0/new'), 'half');
        writeFileSync(join(esp.where, 'dock0/0000.linux'), 'of a release that never came');
      }
      add('bb', '2');
      expect(entries()).to.deep.equal(['dock0-00000001-aa.conf', 'dock0-00000002-bb+2.conf']);
      expect(esp.read(`dock0/${kernel}`)).to.equal('kernel');
      expect(esp.names('dock0')).to.have.length(3);
      add('aa', '3');
      expect(listed()).to.deep.equal(['aa current', 'bb']);
      expect(entries()).to.deep.equal(['dock0-00000001-aa.conf', 'dock0-00000002-bb+0.conf']);
    });

    it('go back after the last try, of which the name of the file tells', () => {
      add('bb', '1');
      if (kind !== 'a folder') return;
      const at = join(esp.where, 'loader/entries');
      execFileSync('mv', [join(at, 'dock0-00000002-bb+1.conf'), join(at, 'dock0-00000002-bb+0-1.conf')]);
      expect(listed()).to.deep.equal(['aa current', 'bb']);
      add('cc', '3');
      expect(listed()).to.deep.equal(['aa current', 'bb', 'cc trying:3']);
      releases('back', 'bb');
      expect(entries()).to.deep.equal([
        'dock0-00000001-aa.conf',
        'dock0-00000003-cc+0.conf',
        'dock0-00000004-bb.conf',
      ]);
      expect(listed()).to.deep.equal(['aa previous', 'bb current', 'cc']);
    });
  });

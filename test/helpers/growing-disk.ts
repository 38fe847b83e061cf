import { execFileSync } from 'node:child_process';
import {
  closeSync,
  copyFileSync,
  mkdtempSync,
  openSync,
  readSync,
  rmSync,
  statSync,
  truncateSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { bootableDisk, bootFrom, writeRelease } from './bootable-disk';
import { makeInitramfs, tinyBase } from './initramfs-machine';

const MEBIBYTE = 2 ** 20;
export const SPARE_MEBIBYTES = 20;

type FileSystem = 'ext4' | 'xfs' | 'btrfs';

/** A disk on which a machine makes two volumes; the one called data takes the rest. */
interface GrowingDisk {
  file: string;
  /** Makes it larger by so many MiB, which have something in them already. */
  enlarge: (mebibytes: number) => void;
  /** Boots it, or a copy of it, until the power fails at a line. */
  boot: (copy?: string, cut?: RegExp) => Promise<string[]>;
  /** The MiB of the partitions, by their names. */
  partitions: () => Record<string, number>;
  mebibytes: () => number;
  /** What is wrong with the table and the file systems; empty where nothing is. */
  complaints: () => string;
}

/** Makes a disk for a tiny machine with the volume `data`, of a type of file system. */
export async function growingDisk(folder: string, type: FileSystem): Promise<GrowingDisk> {
  const made = await makeInitramfs(folder, {
    volumes: {
      docker: null,
      data: { label: 'data', path: '/data', type },
      spare: { label: 'spare', path: '/spare' },
    },
    install: {
      target: 'image',
      layout: 'gpt',
      volumes: { data: { size: 'rest' }, spare: { size: `${SPARE_MEBIBYTES}M` } },
    },
  });
  const release = await writeRelease(join(folder, 'aa'), made, { '10-root': tinyBase() }, 'aa');
  const file = await bootableDisk(folder, release, 'aa', [SPARE_MEBIBYTES, 'rest'], 'auto');
  const partitions = (): { name: string; start: number; size: number }[] =>
    JSON.parse(execFileSync('sfdisk', ['--json', file], { encoding: 'utf8', stdio: 'pipe' })).partitiontable
      .partitions;
  return {
    file,
    enlarge: (mebibytes) => {
      const { size } = statSync(file);
      truncateSync(file, size + mebibytes * MEBIBYTE);
      const disk = openSync(file, 'r+');
      // What an earlier use of a disk left: at the start of what is free, and at its end.
      for (const at of [size, size + (mebibytes - 1) * MEBIBYTE])
        writeSync(disk, Buffer.alloc(MEBIBYTE, 'left over'), 0, MEBIBYTE, at);
      closeSync(disk);
    },
    boot: (copy = file, cut?: RegExp) =>
      bootFrom('bios', { file: copy, snapshot: false }, folder, cut && { cut }),
    partitions: () => Object.fromEntries(partitions().map(({ name, size }) => [name, size / 2048])),
    mebibytes: () => statSync(file).size / MEBIBYTE,
    complaints: () => {
      const check = (command: string, ...args: string[]): string => {
        try {
          execFileSync(command, args, { stdio: 'pipe', encoding: 'utf8' });
          return '';
        } catch (error) {
          return String((error as { stdout: string }).stdout || error);
        }
      };
      const start = (partitions()[2]?.start ?? 0) * 512;
      return check('sfdisk', '--verify', file) + check('e2fsck', '-fn', `${file}?offset=${start}`);
    },
  };
}

/** What holds for such a volume. */
export function growsWithItsDisk(type: FileSystem): void {
  describe(`a volume of the type ${type} on the disk that a machine boots from`, () => {
    let folder: string;
    let disk: GrowingDisk;
    before(async () => {
      folder = mkdtempSync(join(tmpdir(), 'dock0-grow-'));
      disk = await growingDisk(folder, type);
    });
    after(() => rmSync(folder, { recursive: true, force: true }));

    it('is made behind the releases, which get their room, and takes the rest, whatever is there', async () => {
      const before = disk.partitions();
      disk.enlarge(600);
      const console = await disk.boot();
      expect(console.join('\n')).to.match(/formatting \/dev\/vda5 as /);
      expect(console).to.include('fact: wrote data');
      const { bios = 0, esp = 0, releases = 0, ...volumes } = disk.partitions();
      expect(releases).to.equal(2 * (before.releases ?? 0));
      expect(volumes).to.deep.equal({
        'volume-spare': SPARE_MEBIBYTES,
        'volume-data': disk.mebibytes() - 2 - bios - esp - releases - SPARE_MEBIBYTES,
      });
      expect(console.join('\n')).to.match(/the file system on \/dev\/vda3 has grown/);
      expect(disk.complaints()).to.equal('');
    });

    it('is the same at the next boot', async () => {
      const console = await disk.boot();
      expect(
        console.filter((line) => /\bMiB\b.* (of|for) |has grown|formatting|cannot|as well/.test(line)),
      ).to.deep.equal([]);
      expect(console).to.include('fact: file /data/kept again');
    });

    it('grows with the disk, and keeps what is in it', async () => {
      const before = disk.partitions();
      disk.enlarge(300);
      const console = await disk.boot();
      expect(console.join('\n')).to.match(/the file system on \/dev\/vda5 has grown/);
      expect(console).to.include('fact: file /data/kept again');
      expect(disk.partitions()).to.deep.equal({
        ...before,
        'volume-data': (before['volume-data'] ?? 0) + 300,
      });
      expect(disk.complaints()).to.equal('');
    });

    it('leaves a partition alone that somebody made behind it', async () => {
      const copy = `${disk.file}.copy`;
      copyFileSync(disk.file, copy);
      truncateSync(copy, statSync(copy).size + 64 * MEBIBYTE);
      execFileSync('sfdisk', ['--quiet', '--relocate', 'gpt-bak-std', copy], { stdio: 'pipe' });
      execFileSync('sfdisk', ['--quiet', '--append', copy], { input: 'name=mine\n', stdio: 'pipe' });
      const table = (): string => execFileSync('sfdisk', ['--dump', copy], { encoding: 'utf8' });
      const before = table();
      const at = statSync(copy).size - 3 * MEBIBYTE;
      const file = openSync(copy, 'r+');
      writeSync(file, 'data of somebody', at);
      const console = await disk.boot(copy);
      expect(console).to.include('fact: file /data/kept again');
      expect(table()).to.equal(before);
      const found = Buffer.alloc(16);
      readSync(file, found, 0, 16, at);
      closeSync(file);
      rmSync(copy);
      expect(found.toString()).to.equal('data of somebody');
    });
  });
}

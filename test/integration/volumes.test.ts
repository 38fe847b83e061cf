import { execFileSync } from 'node:child_process';
import {
  closeSync,
  copyFileSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { run } from '../../lib/system/process';
import type { VmDisk } from '../../lib/vm/qemu';
import {
  type Booted,
  bootTiny,
  emptyDisk,
  type Made,
  makeInitramfs,
  tinyBase,
  tinyDisk,
} from './initramfs-machine';

const MEBIBYTE = 1 << 20;
const BYTES = { ext4: 32 * MEBIBYTE, xfs: 340 * MEBIBYTE, btrfs: 160 * MEBIBYTE };
type Type = keyof typeof BYTES;
const WORDS = 'dock0.root=LABEL=tiny dock0.release=current dock0.timeout=20 dock0.panic=reboot';
/** A disk is refused without a shell, so that the machine goes on and turns itself off. */
const NOFAIL = { path: '/data', options: ['rw', 'nofail'] };

/** What stands in the last whole MiB of a disk while it is formatted. */
const MARK = Buffer.alloc(512);
MARK.write('dock0: formatting\n');

describe('volumes made at the first boot', () => {
  let folder: string;
  let root: VmDisk;
  const made = new Map<Type, Made>();
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'dock0-volumes-'));
    root = await tinyDisk(folder, 'tiny', { '10-root': tinyBase() });
    for (const type of ['ext4', 'xfs', 'btrfs'] as const)
      made.set(
        type,
        await makeInitramfs(folder, {
          volumes: {
            docker: null,
            data: { ...NOFAIL, label: 'data', device: '/dev/vdb', create: true, type },
          },
        }),
      );
  });
  after(() => rmSync(folder, { recursive: true }));

  const disk = (name: string, type: Type = 'ext4'): VmDisk => {
    const file = join(folder, name);
    writeFileSync(file, '');
    truncateSync(file, BYTES[type]);
    return { file, snapshot: false };
  };
  const boot = (data: VmDisk[], type: Type = 'ext4', power?: number): Promise<Booted> =>
    bootTiny(folder, made.get(type) as Made, WORDS, [root, ...data], power);
  const said = ({ console }: Booted): string => console.join('\n');
  const write = (file: string, bytes: Buffer, at: number): void => {
    const open = openSync(file, 'r+');
    writeSync(open, bytes, 0, bytes.length, at);
    closeSync(open);
  };

  for (const type of ['ext4', 'xfs', 'btrfs'] as const) {
    it(`are formatted as ${type} on an empty disk, and found by their label from then on`, async () => {
      const data = disk(`${type}.img`, type);
      const first = await boot([data], type);
      expect(said(first), said(first)).to.contain(
        `formatting /dev/vdb as ${type}, with the label data, for the volume data`,
      );
      expect(first.facts('wrote'), said(first)).to.deep.equal(['root', 'data']);
      expect(first.facts('mount').find((mount) => mount.startsWith('/data '))).to.contain(` ${type} `);
      // Another disk has its name now.
      const second = await boot([disk('other.img', type), data], type);
      expect(second.facts('file'), said(second)).to.include('/data/kept again');
      expect(said(second)).not.to.contain('formatting');
      expect(readFileSync(join(folder, 'other.img')).every((byte) => byte === 0)).to.equal(true);
    });
  }

  const formatted = async (name: string, ...command: string[]): Promise<VmDisk> => {
    const data = disk(name, 'xfs');
    const [program = '', ...words] = command;
    await run(program, [...words, data.file]);
    return data;
  };
  const holding: [what: string, make: () => Promise<VmDisk> | VmDisk][] = [
    [
      'a file system of another label',
      () => formatted('a.img', 'mke2fs', '-q', '-F', '-t', 'ext4', '-L', 'x'),
    ],
    ['an XFS file system', () => formatted('a.img', 'mkfs.xfs', '-q')],
    ['a btrfs file system', () => formatted('a.img', 'mkfs.btrfs', '-q')],
    ['swap space', () => formatted('a.img', 'mkswap')],
    [
      'an empty partition table',
      () => {
        const data = disk('a.img');
        // MBR: nothing but the two bytes at the end of the first sector.
        write(data.file, Buffer.from([0x55, 0xaa]), 510);
        return data;
      },
    ],
    [
      "LUKS' header",
      () => {
        const data = disk('a.img');
        write(data.file, Buffer.from('LUKS\xba\xbe\0\x02', 'latin1'), 0);
        return data;
      },
    ],
    [
      "LUKS' header, and what looks like the mark",
      () => {
        const data = disk('a.img');
        write(data.file, Buffer.from('LUKS\xba\xbe\0\x02', 'latin1'), 0);
        write(data.file, MARK, BYTES.ext4 - MEBIBYTE);
        return data;
      },
    ],
    [
      "LVM's label",
      () => {
        const data = disk('a.img');
        write(data.file, Buffer.from('LABELONE'), 512);
        return data;
      },
    ],
    [
      "a RAID's superblock near its end",
      () => {
        const data = disk('a.img');
        // md's version 1.0: at least 8 KiB from the end, on a border of 4 KiB.
        write(data.file, Buffer.from([0xfc, 0x4e, 0x2b, 0xa9]), BYTES.ext4 - 8192);
        return data;
      },
    ],
    [
      'a byte in its last sector',
      () => {
        const data = disk('a.img');
        write(data.file, Buffer.from([1]), BYTES.ext4 - 1);
        return data;
      },
    ],
  ];
  for (const [what, make] of holding) {
    it(`are not made on a disk with ${what}, of which no byte changes`, async () => {
      const data = await make();
      const before = `${data.file}.before`;
      copyFileSync(data.file, before);
      const booted = await boot([data]);
      expect(said(booted)).to.match(
        /skipping volume data: the volume data is not made on \/dev\/vdb, which is not empty: found /,
      );
      expect(booted.facts('wrote'), said(booted)).not.to.include('data');
      execFileSync('cmp', [before, data.file]);
    });
  }

  const ofSize = async (bytes: number): Promise<string> => {
    const file = join(folder, 'whole.img');
    writeFileSync(file, '');
    truncateSync(file, bytes);
    await run('mke2fs', ['-q', '-F', '-t', 'ext4', '-L', 'data', file]);
    return file;
  };

  it('are not made anew where a file of a file system on the whole disk looks like the mark', async () => {
    for (const [type, command] of [
      ['ext4', ['mke2fs', '-q', '-F', '-t', 'ext4', '-L', 'data']],
      ['xfs', ['mkfs.xfs', '-q', '-L', 'data']],
      ['btrfs', ['mkfs.btrfs', '-q', '-L', 'data']],
    ] as const) {
      const data = disk('own.img', type);
      const [program, ...words] = command;
      await run(program, [...words, data.file]);
      write(data.file, MARK, BYTES[type] - MEBIBYTE);
      const booted = await boot([data], type);
      expect(said(booted)).not.to.contain('formatting');
      expect(booted.facts('wrote'), said(booted)).to.deep.equal(['root', 'data']);
    }
  });

  it('are whole after the power failed while they were formatted', async () => {
    const data = disk('cut.img');
    // What is on the disk at any moment: the mark, and a part of the file system.
    const whole = await ofSize(BYTES.ext4 - MEBIBYTE);
    for (const part of [0, 1, 4096, MEBIBYTE, BYTES.ext4 - MEBIBYTE]) {
      truncateSync(data.file, 0);
      writeFileSync(data.file, readFileSync(whole).subarray(0, part));
      truncateSync(data.file, BYTES.ext4);
      write(data.file, MARK, BYTES.ext4 - MEBIBYTE);
      const booted = await boot([data]);
      expect(said(booted)).to.contain('formatting /dev/vdb was interrupted; it begins again');
      expect(booted.facts('wrote'), said(booted)).to.deep.equal(['root', 'data']);
      await run('e2fsck', ['-f', '-n', data.file]);
      const again = await boot([data]);
      expect(said(again)).not.to.contain('formatting');
      expect(again.facts('file'), said(again)).to.include('/data/kept again');
    }
  });
});

describe('the check of a volume before it is mounted', () => {
  let folder: string;
  let root: VmDisk;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'dock0-check-'));
    root = await tinyDisk(folder, 'tiny', { '10-root': tinyBase() });
  });
  after(() => rmSync(folder, { recursive: true }));

  const boot = async (data: VmDisk, volume: object): Promise<Booted> => {
    const made = await makeInitramfs(folder, {
      volumes: { docker: null, data: { path: '/data', label: 'data', ...volume } },
    });
    return bootTiny(folder, made, WORDS, [root, data]);
  };
  const said = ({ console }: Booted): string => console.join('\n');
  const change = (data: VmDisk, ...commands: string[]): Promise<unknown> =>
    run('debugfs', ['-w', '-f', '-', data.file], { input: `${commands.join('\n')}\n` });

  it('repairs what e2fsck repairs without a question, and mounts it', async () => {
    const data = await emptyDisk(join(folder, 'small.img'), 'data');
    // Not cleanly unmounted, with a wrong count of free blocks.
    await change(data, 'ssv state 0', 'ssv free_blocks_count 5');
    const booted = await boot(data, {});
    expect(said(booted)).to.contain('/dev/vdb was damaged; e2fsck repaired it');
    expect(booted.facts('wrote'), said(booted)).to.include('data');
    await run('e2fsck', ['-f', '-n', data.file]);
  });

  it('says nothing of a file system that is in order', async () => {
    const booted = await boot(await emptyDisk(join(folder, 'clean.img'), 'data'), {});
    expect(said(booted)).not.to.match(/damaged|checked|WARNING: \/dev/);
    expect(booted.facts('wrote')).to.include('data');
  });

  it('mounts nothing that it cannot repair: the machine starts without it where it has nofail, else not', async () => {
    const data = await emptyDisk(join(folder, 'large.img'), 'data');
    // A root folder that is a file, with an error on record.
    await change(data, 'sif <2> mode 0100644', 'ssv state 2');
    const without = await boot(data, { options: ['rw', 'nofail'] });
    expect(said(without)).to.match(
      /skipping volume data: cannot mount volume data .*found ext .*, it is damaged, and e2fsck -p cannot repair it/,
    );
    expect(said(without)).to.contain('RUN fsck MANUALLY');
    expect(without.facts('wrote'), said(without)).to.include('root');
    expect(without.facts('mount').filter((mount) => mount.startsWith('/data '))).to.deep.equal([]);
    const stopped = await boot(data, {});
    expect(said(stopped)).to.match(/FAILED: cannot mount volume data .* cannot repair it/);
    expect(stopped.facts('init')).to.deep.equal([]);
  });

  it('leaves the log of XFS to the kernel, and repairs what the kernel refuses', async () => {
    const file = join(folder, 'xfs.img');
    writeFileSync(file, '');
    truncateSync(file, BYTES.xfs);
    await run('mkfs.xfs', ['-q', '-L', 'data', file]);
    // The root inode's number in the superblock's first copy is that of nothing; the others have it.
    await run('xfs_db', ['-x', '-c', 'sb 0', '-c', 'write rootino 0', file]);
    const booted = await boot({ file, snapshot: false }, { type: 'xfs' });
    expect(said(booted)).to.contain('/dev/vdb was damaged; xfs_repair repaired it');
    expect(booted.facts('wrote'), said(booted)).to.include('data');
  });

  it('mounts btrfs by an older root of its trees where the newest is damaged, and says so', async () => {
    const file = join(folder, 'btrfs.img');
    writeFileSync(file, '');
    truncateSync(file, BYTES.btrfs);
    await run('mkfs.btrfs', ['-q', '-L', 'data', file]);
    const first = await boot({ file, snapshot: false }, { type: 'btrfs' });
    expect(first.facts('wrote'), said(first)).to.include('data');
    const root = (await run('btrfs', ['inspect-internal', 'dump-super', file])).stdout;
    const at = Number(/^root\s+(\d+)/m.exec(root)?.[1]);
    const map = (await run('btrfs-map-logical', ['-l', String(at), file])).stdout;
    const open = openSync(file, 'r+');
    for (const [, physical] of map.matchAll(/physical (\d+)/g))
      writeSync(open, Buffer.alloc(16384, 7), 0, 16384, Number(physical));
    closeSync(open);
    const booted = await boot({ file, snapshot: false }, { type: 'btrfs' });
    expect(said(booted)).to.contain(
      'WARNING: /dev/vdb is damaged, and mounted by an older root of its trees',
    );
    expect(booted.facts('wrote'), said(booted)).to.include('data');
  });
});

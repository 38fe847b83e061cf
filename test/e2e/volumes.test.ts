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
} from '../helpers/initramfs-machine';

const MEBIBYTE = 1 << 20;
const BYTES = { ext4: 32 * MEBIBYTE, xfs: 340 * MEBIBYTE, btrfs: 160 * MEBIBYTE };
type Type = keyof typeof BYTES;
const WORDS = 'dock0.root=LABEL=tiny dock0.release=current dock0.timeout=20 dock0.panic=reboot';

/** What stands in the last whole MiB of a disk while it is formatted. */
const MARK = Buffer.alloc(512);
MARK.write('dock0: formatting\n');

/** The settings of volumes on the disks after the first, in order: each mounted on a path of its name. */
function volumesOn(names: readonly string[], settings: (name: string) => object): { volumes: object } {
  const volumes = names.map((name, index) => [
    name,
    {
      path: `/${name}`,
      label: name,
      device: `/dev/vd${String.fromCharCode('b'.charCodeAt(0) + index)}`,
      // A disk is refused without a shell, so that the machine goes on and turns itself off.
      options: ['rw', 'nofail'],
      ...settings(name),
    },
  ]);
  return { volumes: { docker: null, ...Object.fromEntries(volumes) } };
}

const TYPES: readonly Type[] = ['ext4', 'xfs', 'btrfs'];
const OF_TYPES = TYPES.map((type) => `data-${type}`);
const typeOf = (name: string): Type => name.replace('data-', '') as Type;

describe('volumes made at the first boot', () => {
  let folder: string;
  let root: VmDisk;
  let ofTypes: Made;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'dock0-volumes-'));
    root = await tinyDisk(folder, 'tiny', { '10-root': tinyBase() });
    ofTypes = await makeInitramfs(
      folder,
      volumesOn(OF_TYPES, (name) => ({ create: true, type: typeOf(name) })),
    );
  });
  after(() => rmSync(folder, { recursive: true }));

  const disk = (name: string, type: Type = 'ext4'): VmDisk => {
    const file = join(folder, name);
    writeFileSync(file, '');
    truncateSync(file, BYTES[type]);
    return { file, snapshot: false };
  };
  const boot = (made: Made, data: VmDisk[]): Promise<Booted> =>
    bootTiny(folder, made, WORDS, [root, ...data]);
  const said = ({ console }: Booted): string => console.join('\n');
  const write = (file: string, bytes: Buffer, at: number): void => {
    const open = openSync(file, 'r+');
    writeSync(open, bytes, 0, bytes.length, at);
    closeSync(open);
  };

  it('are formatted as ext4, XFS or btrfs on empty disks, and found by their labels from then on', async () => {
    const disks = TYPES.map((type) => disk(`${type}.img`, type));
    const first = await boot(ofTypes, disks);
    expect(first.facts('wrote'), said(first)).to.have.members(['root', ...OF_TYPES]);
    for (const [index, type] of TYPES.entries()) {
      const name = `data-${type}`;
      expect(said(first)).to.contain(
        `formatting /dev/vd${'bcd'[index]} as ${type}, with the label ${name}, for the volume ${name}`,
      );
      expect(first.facts('mount').find((mount) => mount.startsWith(`/${name} `))).to.contain(` ${type} `);
    }
    // Other disks have their names now.
    const second = await boot(ofTypes, [disk('other.img'), ...disks]);
    expect(second.facts('file'), said(second)).to.include.members(
      OF_TYPES.map((name) => `/${name}/kept again`),
    );
    expect(said(second)).not.to.contain('formatting');
    expect(readFileSync(join(folder, 'other.img')).every((byte) => byte === 0)).to.equal(true);
  });

  const formatted = async (file: string, ...command: string[]): Promise<void> => {
    truncateSync(file, BYTES.xfs);
    const [program = '', ...words] = command;
    await run(program, [...words, file]);
  };
  const holding: [what: string, make: (file: string) => Promise<void> | void][] = [
    [
      'a file system of another label',
      (file) => formatted(file, 'mke2fs', '-q', '-F', '-t', 'ext4', '-L', 'x'),
    ],
    ['an XFS file system', (file) => formatted(file, 'mkfs.xfs', '-q')],
    ['a btrfs file system', (file) => formatted(file, 'mkfs.btrfs', '-q')],
    ['swap space', (file) => formatted(file, 'mkswap')],
    // MBR: nothing but the two bytes at the end of the first sector.
    ['an empty partition table', (file) => write(file, Buffer.from([0x55, 0xaa]), 510)],
    ["LUKS' header", (file) => write(file, Buffer.from('LUKS\xba\xbe\0\x02', 'latin1'), 0)],
    [
      "LUKS' header, and what looks like the mark",
      (file) => {
        write(file, Buffer.from('LUKS\xba\xbe\0\x02', 'latin1'), 0);
        write(file, MARK, BYTES.ext4 - MEBIBYTE);
      },
    ],
    ["LVM's label", (file) => write(file, Buffer.from('LABELONE'), 512)],
    // md's version 1.0: at least 8 KiB from the end, on a border of 4 KiB.
    [
      "a RAID's superblock near its end",
      (file) => write(file, Buffer.from([0xfc, 0x4e, 0x2b, 0xa9]), BYTES.ext4 - 8192),
    ],
    ['a byte in its last sector', (file) => write(file, Buffer.from([1]), BYTES.ext4 - 1)],
  ];

  describe('are not made, and no byte changes, on a disk with', () => {
    const names = holding.map((_, index) => `data${index}`);
    let booted: Booted;
    before(async () => {
      const disks: VmDisk[] = [];
      for (const [index, [, make]] of holding.entries()) {
        const { file } = disk(`held${index}.img`);
        await make(file);
        copyFileSync(file, `${file}.before`);
        disks.push({ file, snapshot: false });
      }
      const made = await makeInitramfs(
        folder,
        volumesOn(names, () => ({ create: true })),
      );
      booted = await boot(made, disks);
    });

    for (const [index, [what]] of holding.entries()) {
      it(what, () => {
        const name = names[index] as string;
        expect(said(booted)).to.match(
          new RegExp(
            `skipping volume ${name}: the volume ${name} is not made on /dev/vd., which is not empty: found `,
          ),
        );
        expect(booted.facts('wrote'), said(booted)).to.include('root').and.not.to.include(name);
        const file = join(folder, `held${index}.img`);
        execFileSync('cmp', [`${file}.before`, file]);
      });
    }
  });

  it('are not made anew where a file of a file system on the whole disk looks like the mark', async () => {
    const disks: VmDisk[] = [];
    for (const [type, command] of [
      ['ext4', ['mke2fs', '-q', '-F', '-t', 'ext4', '-L', 'data-ext4']],
      ['xfs', ['mkfs.xfs', '-q', '-L', 'data-xfs']],
      ['btrfs', ['mkfs.btrfs', '-q', '-L', 'data-btrfs']],
    ] as const) {
      const data = disk(`own-${type}.img`, type);
      const [program, ...words] = command;
      await run(program, [...words, data.file]);
      write(data.file, MARK, BYTES[type] - MEBIBYTE);
      disks.push(data);
    }
    const booted = await boot(ofTypes, disks);
    expect(said(booted)).not.to.contain('formatting');
    expect(booted.facts('wrote'), said(booted)).to.have.members(['root', ...OF_TYPES]);
  });

  it('are whole after the power failed while they were formatted', async () => {
    // What is on the disk at any moment: the mark, and a part of the file system.
    const parts = [0, 1, 4096, MEBIBYTE, BYTES.ext4 - MEBIBYTE];
    const names = parts.map((_, index) => `data${index}`);
    const disks: VmDisk[] = [];
    for (const [index, part] of parts.entries()) {
      const whole = join(folder, 'whole.img');
      writeFileSync(whole, '');
      truncateSync(whole, BYTES.ext4 - MEBIBYTE);
      await run('mke2fs', ['-q', '-F', '-t', 'ext4', '-L', names[index] as string, whole]);
      const data = disk(`cut${index}.img`);
      writeFileSync(data.file, readFileSync(whole).subarray(0, part));
      truncateSync(data.file, BYTES.ext4);
      write(data.file, MARK, BYTES.ext4 - MEBIBYTE);
      disks.push(data);
    }
    const made = await makeInitramfs(
      folder,
      volumesOn(names, () => ({ create: true })),
    );
    const booted = await boot(made, disks);
    for (const [index, name] of names.entries()) {
      expect(said(booted)).to.contain(`formatting /dev/vd${'bcdef'[index]} was interrupted; it begins again`);
      expect(booted.facts('wrote'), said(booted)).to.include(name);
      await run('e2fsck', ['-f', '-n', (disks[index] as VmDisk).file]);
    }
    const again = await boot(made, disks);
    expect(said(again)).not.to.contain('formatting');
    expect(again.facts('file'), said(again)).to.include.members(names.map((name) => `/${name}/kept again`));
  });
});

describe('the check of a volume before it is mounted', () => {
  let folder: string;
  let root: VmDisk;
  let booted: Booted;
  const image = (name: string): string => join(folder, `${name}.img`);
  const said = ({ console }: Booted): string => console.join('\n');
  const change = (name: string, ...commands: string[]): Promise<unknown> =>
    run('debugfs', ['-w', '-f', '-', image(name)], { input: `${commands.join('\n')}\n` });
  const of = async (names: string[], settings: (name: string) => object): Promise<Booted> => {
    const made = await makeInitramfs(
      folder,
      volumesOn(names, (name) => ({ device: undefined, ...settings(name) })),
    );
    const disks = names.map((name) => ({ file: image(name), snapshot: false }));
    return bootTiny(folder, made, WORDS, [root, ...disks]);
  };

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'dock0-check-'));
    root = await tinyDisk(folder, 'tiny', { '10-root': tinyBase() });
    for (const name of ['data-clean', 'data-small', 'data-large']) await emptyDisk(image(name), name);
    // Not cleanly unmounted, with a wrong count of free blocks.
    await change('data-small', 'ssv state 0', 'ssv free_blocks_count 5');
    // A root folder that is a file, with an error on record.
    await change('data-large', 'sif <2> mode 0100644', 'ssv state 2');
    for (const type of ['xfs', 'btrfs'] as const) {
      writeFileSync(image(`data-${type}`), '');
      truncateSync(image(`data-${type}`), BYTES[type]);
      await run(`mkfs.${type}`, ['-q', '-L', `data-${type}`, image(`data-${type}`)]);
    }
    // The root inode's number in the superblock's first copy is that of nothing; the others have it.
    await run('xfs_db', ['-x', '-c', 'sb 0', '-c', 'write rootino 0', image('data-xfs')]);
    booted = await of(['data-clean', 'data-small', 'data-large', 'data-xfs', 'data-btrfs'], (name) =>
      name === 'data-xfs' || name === 'data-btrfs' ? { type: typeOf(name) } : {},
    );
  });
  after(() => rmSync(folder, { recursive: true }));

  it('repairs what e2fsck repairs without a question, and mounts it', async () => {
    expect(said(booted)).to.contain('/dev/vdc was damaged; e2fsck repaired it');
    expect(booted.facts('wrote'), said(booted)).to.include('data-small');
    await run('e2fsck', ['-f', '-n', image('data-small')]);
  });

  it('says nothing of a file system that is in order', () => {
    expect(said(booted)).not.to.match(/\/dev\/vdb.*(damaged|checked)|WARNING: \/dev\/vdb/);
    expect(booted.facts('wrote')).to.include('data-clean');
  });

  it('mounts nothing that it cannot repair: the machine starts without it where it has nofail, else not', async () => {
    expect(said(booted)).to.match(
      /skipping volume data-large: cannot mount volume data-large .*found ext .*, it is damaged, and e2fsck -p cannot repair it/,
    );
    expect(said(booted)).to.contain('RUN fsck MANUALLY');
    expect(booted.facts('wrote'), said(booted)).to.include('root');
    expect(booted.facts('mount').filter((mount) => mount.startsWith('/data-large '))).to.deep.equal([]);
    const stopped = await of(['data-large'], () => ({ options: ['rw'] }));
    expect(said(stopped)).to.match(/FAILED: cannot mount volume data-large .* cannot repair it/);
    expect(stopped.facts('init')).to.deep.equal([]);
  });

  it('leaves the log of XFS to the kernel, and repairs what the kernel refuses', () => {
    expect(said(booted)).to.contain('/dev/vde was damaged; xfs_repair repaired it');
    expect(booted.facts('wrote'), said(booted)).to.include('data-xfs');
  });

  it('mounts btrfs by an older root of its trees where the newest is damaged, and says so', async () => {
    const file = image('data-btrfs');
    expect(booted.facts('wrote'), said(booted)).to.include('data-btrfs');
    const root = (await run('btrfs', ['inspect-internal', 'dump-super', file])).stdout;
    const at = Number(/^root\s+(\d+)/m.exec(root)?.[1]);
    const map = (await run('btrfs-map-logical', ['-l', String(at), file])).stdout;
    const open = openSync(file, 'r+');
    for (const [, physical] of map.matchAll(/physical (\d+)/g))
      writeSync(open, Buffer.alloc(16384, 7), 0, 16384, Number(physical));
    closeSync(open);
    const again = await of(['data-btrfs'], () => ({ type: 'btrfs' }));
    expect(said(again)).to.contain('WARNING: /dev/vdb is damaged, and mounted by an older root of its trees');
    expect(again.facts('wrote'), said(again)).to.include('data-btrfs');
  });
});

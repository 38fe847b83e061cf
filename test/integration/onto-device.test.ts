import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { startGulp, workFolder } from '../helpers/gulp';
import { leftovers } from '../helpers/leftovers';
import { tinyHost } from '../helpers/tiny-host';

const MEBIBYTE = 2 ** 20;

describe('a disk of this machine', () => {
  const work = workFolder();
  const host = tinyHost(() => work.path());
  const image = (): Buffer => readFileSync(host.path('build/tiny/current/disk.img'));
  const devices: string[] = [];
  const command = (name: string, ...args: string[]): string =>
    execFileSync(name, args, { encoding: 'utf8', stdio: 'pipe' });
  /** A loop device with so many MiB. */
  const device = (mebibytes: number, content = ''): string => {
    const file = host.path(`disk ${devices.length}`);
    writeFileSync(file, content);
    truncateSync(file, mebibytes * MEBIBYTE);
    const found = command('losetup', '--find', '--show', '--partscan', file).trim();
    devices.push(found);
    return found;
  };
  const file = (path: string): string => host.path(`disk ${devices.indexOf(path)}`);
  const onto = async (...args: string[]): Promise<string> => {
    const { code, output } = await host.task(['install', ...args]);
    expect(code, output).to.equal(0);
    return output;
  };
  const refused = async (args: string[], says: string): Promise<void> => {
    const disk = devices.at(-1) ?? '';
    const before = readFileSync(file(disk));
    const { code, output } = await host.task(['install', ...args]);
    expect(code, output).to.equal(1);
    expect(output).to.contain(says);
    expect(output).to.not.match(/^\s+at .*:\d+:\d+\)?$/m);
    expect(readFileSync(file(disk)).equals(before)).to.equal(true);
  };
  before(() => {
    host.write('overlay/etc/motd', 'one\n');
    host.configure({ overlay: './overlay', install: { target: 'image', size: '250M' } });
  });
  after(() => {
    for (const each of devices) command('losetup', '--detach', each);
  });

  it('that is empty gets the whole image, and the second copy of its table', async () => {
    const disk = device(300);
    expect(await onto('--onto', disk)).to.contain(`the release is on ${disk}, which boots by itself`);
    const written = readFileSync(file(disk));
    const whole = image();
    // Both headers of the table have another place of the second copy.
    expect(
      written
        .subarray(MEBIBYTE, whole.length - MEBIBYTE)
        .equals(whole.subarray(MEBIBYTE, whole.length - MEBIBYTE)),
    ).to.equal(true);
    expect(command('sfdisk', '--verify', disk)).to.contain('No errors detected');
    const { lastlba } = JSON.parse(command('sfdisk', '--json', disk)).partitiontable;
    expect(lastlba * 512).to.be.within(299 * MEBIBYTE, 300 * MEBIBYTE);
  });

  it('that has releases gets another one beside them', async () => {
    const disk = devices[0] as string;
    host.write('overlay/etc/motd', 'two\n');
    expect(await onto('--onto', disk)).to.match(
      /release [0-9a-f]{16} is on the disk; the next boot tries it/,
    );
    const { output } = await host.task(['releases', '--onto', disk]);
    expect(output)
      .to.match(/ trying:3$/m)
      .and.match(/ current$/m);
  });

  it('loses what is on it only where it is named once more', async () => {
    const disk = device(300, 'data of somebody');
    await refused(['--onto', disk], `--onto ${disk}: the disk holds something else than releases`);
    await refused(
      ['--onto', disk, '--yes-erase', '/dev/sdx'],
      `expected the disk that --onto names, ${disk}`,
    );
    await refused(['--yes-erase', disk], 'there is no --onto');
    await onto('--onto', disk, '--yes-erase', disk);
    expect(command('sfdisk', '--verify', disk)).to.contain('No errors detected');
  });

  for (const signal of ['SIGKILL', 'SIGINT'] as const)
    it(`boots nothing, instead of a half of it, after ${signal} while it is written`, async () => {
      const disk = device(700);
      const args = ['install', '--onto', disk, '--set', 'install.size=600M', '--cache', host.path('cache')];
      const { child, result } = startGulp(args, { cwd: work.path(), gulpfile: host.path('gulpfile.ts') });
      child.stdout?.on('data', (said: Buffer) => {
        if (said.toString().includes('25 %')) child.kill(signal);
      });
      const { output } = await result;
      expect(output).to.contain(`writing 600 MiB to ${disk}`).and.not.contain('100 %');
      const written = readFileSync(file(disk));
      expect(written.subarray(0, MEBIBYTE).every((byte) => byte === 0)).to.equal(true);
      expect(written.subarray(MEBIBYTE).some((byte) => byte !== 0)).to.equal(true);
      const left = await leftovers(work.path(), host.path('cache'));
      expect(left.filter((each) => !devices.some((own) => each.endsWith(file(own))))).to.deep.equal([]);
      const again = await onto('--onto', disk, '--yes-erase', disk, '--set', 'install.size=600M');
      expect(again).to.contain('which boots by itself');
      expect(command('sfdisk', '--verify', disk)).to.contain('No errors detected');
    });

  it('is not written to while it is in use, or where the image does not fit', async () => {
    const disk = device(300);
    // Nothing is left for the kernel to write later.
    command('mkfs.ext4', '-q', '-E', 'lazy_itable_init=0,lazy_journal_init=0', disk);
    host.write('a folder/x', '');
    command('mount', disk, host.path('a folder'));
    try {
      await refused(['--onto', disk, '--yes-erase', disk], `${disk} is mounted on ${host.path('a folder')}`);
    } finally {
      command('umount', disk);
    }
    const small = device(50);
    await refused(['--onto', small], `--onto ${small}: the disk is too small`);
    await refused(
      ['--onto', host.path('nothing'), '--yes-erase', host.path('nothing')],
      'expected a disk, such as /dev/sdb',
    );
    const locked = device(300);
    command('blockdev', '--setro', locked);
    try {
      await refused(['--onto', locked], `--onto ${locked}: the disk is read-only`);
    } finally {
      // It would stay so for whoever gets the device next.
      command('blockdev', '--setrw', locked);
    }
  });

  it('that fails in the middle of an update boots what it did, and one that fails as it is written is named', async () => {
    const place = host.path('of memory');
    host.write('of memory/x', '');
    command('mount', '-t', 'tmpfs', '-o', 'size=270m', 'none', place);
    const own: string[] = [];
    /** A loop device of 300 MiB whose file lies there. */
    const failing = (name: string): string => {
      writeFileSync(join(place, name), '');
      truncateSync(join(place, name), 300 * MEBIBYTE);
      own.push(command('losetup', '--find', '--show', '--partscan', join(place, name)).trim());
      return own.at(-1) as string;
    };
    const fill = (): void => {
      // Ends as the room does.
      spawnSync('dd', ['if=/dev/zero', `of=${join(place, 'filler')}`, 'bs=64k']);
    };
    try {
      host.write('overlay/etc/motd', 'before the failure\n');
      const disk = failing('updated');
      await onto('--onto', disk);
      const listed = async (): Promise<string> => (await host.task(['releases', '--onto', disk])).output;
      const before = releasesIn(await listed());
      punchFreeBlocks(join(place, 'updated'), disk);
      fill();
      writeFileSync(host.path('overlay/much'), randomBytes(30 * MEBIBYTE));
      const { code, output } = await host.task(['install', '--onto', disk]);
      expect(code, output).to.equal(1);
      expect(output).to.match(
        /: the disk did not take what was written to it \(dmesg\(1\) says more\), or something else writes to it\n +The disk boots what it did/,
      );
      expect(output).to.not.match(/^\s+at .*:\d+:\d+\)?$/m);
      rmSync(join(place, 'filler'));
      expect(releasesIn(await listed())).to.deep.equal(before);
      rmSync(join(place, 'updated'));
      command('losetup', '--detach', own.pop() as string);

      const written = failing('written');
      writeFileSync(join(place, 'half'), '');
      command('fallocate', '--length', '200M', join(place, 'half'));
      const other = await host.task(['install', '--onto', written]);
      expect(other.code, other.output).to.equal(1);
      expect(other.output).to.match(/--onto \/dev\/loop\d+: the disk cannot be written: .*EIO/);
      expect(other.output).to.contain('It boots nothing now');
    } finally {
      for (const each of own) command('losetup', '--detach', each);
      command('umount', '--lazy', place);
    }
  });
});

/** The releases that `gulp releases` lists. */
const releasesIn = (output: string): string[] => output.match(/\b[0-9a-f]{16}\b.*$/gm) ?? [];

/** Gives the blocks that the file system with the releases does not use back to the file system below the disk. */
function punchFreeBlocks(file: string, disk: string): void {
  const { partitions } = JSON.parse(
    execFileSync('sfdisk', ['--json', disk], { encoding: 'utf8' }),
  ).partitiontable;
  const start = partitions[2].start * 512;
  const alone = `${file}.alone`;
  execFileSync('dd', [`if=${file}`, `of=${alone}`, 'bs=1M', `skip=${start / MEBIBYTE}`, 'conv=sparse'], {
    stdio: 'pipe',
  });
  const said = execFileSync('dumpe2fs', [alone], { encoding: 'utf8', stdio: 'pipe' });
  rmSync(alone);
  const block = Number(/^Block size: +(\d+)/m.exec(said)?.[1]);
  for (const [, first, last] of said.matchAll(/(?<=Free blocks: .*)\b(\d+)-(\d+)/g)) {
    const [from, to] = [Number(first) * block, (Number(last) + 1) * block];
    execFileSync('fallocate', [
      ...['--punch-hole', '--offset', String(start + from), '--length', String(to - from), file],
    ]);
  }
}

import { execFileSync } from 'node:child_process';
import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { expect } from 'chai';
import { workFolder } from '../helpers/gulp';
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
    host.configure({ overlay: './overlay', install: { target: 'image' } });
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

  it('is not written to while it is in use, or where the image does not fit', async () => {
    const disk = device(300);
    command('mkfs.ext4', '-q', disk);
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
    await refused(['--onto', locked], `--onto ${locked}: the disk is read-only`);
  });
});

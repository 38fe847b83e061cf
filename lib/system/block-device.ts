import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { constants, type FileHandle, open } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { codeOf } from '../error';

/** A disk of this machine. */
export interface BlockDevice {
  /** `/dev/sdb`, whatever link named it. */
  path: string;
  /** Whether it is a part of a disk. */
  isPartition: boolean;
  bytes: number;
  isReadOnly: boolean;
}

const SYS = '/sys/class/block';
const SECTOR = 512;

/** What the kernel says of a block device (sysfs(5)); undefined for a path that is none. */
export function blockDevice(path: string): BlockDevice | undefined {
  if (!statSync(path, { throwIfNoEntry: false })?.isBlockDevice()) return undefined;
  const real = realpathSync(path);
  const folder = join(SYS, basename(real));
  return {
    path: real,
    isPartition: existsSync(join(folder, 'partition')),
    bytes: Number(line(join(folder, 'size'))) * SECTOR,
    isReadOnly: line(join(folder, 'ro')) === '1',
  };
}

/**
 * Who uses a disk or one of its partitions, in words: a mount, swap space, another device made of it (device-mapper, RAID).
 * Empty where nobody does, as far as that can be told; the kernel knows better, see {@link openAlone}.
 */
export function usersOf({ path }: BlockDevice): string[] {
  const disk = basename(path);
  const parts = readdirSync(join(SYS, disk)).filter((name) => existsSync(join(SYS, disk, name, 'partition')));
  return [disk, ...parts].flatMap((name) => {
    const node = `/dev/${name}`;
    const number = line(join(SYS, name, 'dev'));
    const mounts = lines('/proc/self/mountinfo').map((each) => each.split(' '));
    const mounted = mounts.filter((fields) => fields[2] === number || fields.at(-2) === node);
    const swaps = lines('/proc/swaps').filter((each) => each.split(' ')[0] === node);
    const holders = join(SYS, name, 'holders');
    return [
      ...mounted.map((fields) => `${node} is mounted on ${plain(fields[4] ?? '')}`),
      ...swaps.map(() => `${node} is swap space`),
      ...(existsSync(holders) ? readdirSync(holders) : []).map((holder) => `${node} is a part of ${holder}`),
    ];
  });
}

/**
 * Opens a disk for writing, alone: while it is open nobody can mount it or a partition of it (open(2), O_EXCL).
 *
 * @throws the file system's error: EBUSY where somebody uses it
 */
export function openAlone({ path }: BlockDevice): Promise<FileHandle> {
  return open(path, constants.O_RDWR | constants.O_EXCL);
}

/** Whether an error says that somebody uses the device. */
export function isBusy(error: unknown): boolean {
  return codeOf(error) === 'EBUSY';
}

function lines(file: string): string[] {
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
}

function line(file: string): string {
  return (lines(file)[0] ?? '').trim();
}

/** proc(5) writes a blank as \040. */
function plain(path: string): string {
  return path.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

import { type FileHandle, open } from 'node:fs/promises';
import { Dock0Error } from '../error';
import { type BlockDevice, isBusy, openAlone, usersOf } from '../system/block-device';
import type { Runner } from '../system/sandbox';

const MEBIBYTE = 2 ** 20;
/** Holds the partition table and the boot code: without it, there is no disk that boots. */
const HEAD_BYTES = MEBIBYTE;
const PIECE_BYTES = 4 * MEBIBYTE;
const STEPS_SHOWN = 4;

/** How a disk is written. */
export interface Writing {
  /** Whether what is on the disk may be lost. */
  erase: boolean;
  run: Runner;
  signal: AbortSignal;
  log: (line: string) => void;
}

/**
 * Refuses what no disk image can be written to, before anything is built.
 *
 * @throws Dock0Error that says who uses the disk, or what it is
 */
export function checkDevice(device: BlockDevice): void {
  const { path, isPartition, isReadOnly } = device;
  if (isPartition)
    throw new Dock0Error(`--onto ${path}: expected a whole disk, found a partition`, {
      hint: 'The image has a partition table of its own.',
    });
  if (isReadOnly) throw new Dock0Error(`--onto ${path}: the disk is read-only`);
  const users = usersOf(device);
  if (users.length > 0)
    throw new Dock0Error(`--onto ${path}: the disk is in use: ${users.join(', ')}`, {
      hint: 'Nothing was written. Unmount what is on it, or name another disk.',
    });
}

/**
 * Refuses a disk that is not empty: its first and its last MiB are not zeros. There file systems, partition tables, RAID, LVM
 * and LUKS have their signatures.
 *
 * @throws Dock0Error that names the flag which erases it
 */
export async function checkEmpty({ path, bytes }: BlockDevice): Promise<void> {
  const disk = await open(path);
  try {
    const piece = Buffer.alloc(MEBIBYTE);
    for (const at of [0, Math.max(0, bytes - MEBIBYTE)]) {
      await disk.read(piece, 0, MEBIBYTE, at);
      if (piece.some((byte) => byte !== 0))
        throw new Dock0Error(`--onto ${path}: the disk holds something else than releases`, {
          hint: `Nothing was written. \`--yes-erase ${path}\` erases all that is on it.`,
        });
    }
  } finally {
    await disk.close();
  }
}

/**
 * Writes a disk image to a disk of this machine, and puts the second copy of the partition table at its end. The first MiB
 * comes last: a disk on which that was interrupted boots nothing, instead of a half of it.
 *
 * @throws Dock0Error where the disk is too small, in use, holds something that may not be lost, or fails
 */
export async function writeDisk(
  image: string,
  device: BlockDevice,
  { erase, run, signal, log }: Writing,
): Promise<void> {
  const { path } = device;
  const source = await open(image);
  let begun = false;
  try {
    const { size } = await source.stat();
    if (size > device.bytes)
      throw new Dock0Error(`--onto ${path}: the disk is too small`, {
        hint: `It has ${mebibytes(device.bytes)} MiB, the disk image has ${mebibytes(size)} MiB. Nothing was written.`,
      });
    const disk = await openAlone(device).catch((error) => {
      if (!isBusy(error)) throw error;
      throw new Dock0Error(`--onto ${path}: the disk is in use`, { hint: 'Nothing was written.' });
    });
    try {
      if (!erase) await checkEmpty(device);
      log(`writing ${mebibytes(size)} MiB to ${path}`);
      begun = true;
      await disk.write(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
      await disk.sync();
      let shown = 1;
      for (let at = HEAD_BYTES; at < size; at += PIECE_BYTES) {
        signal.throwIfAborted();
        await copy(source, disk, at, Math.min(PIECE_BYTES, size - at));
        if (at / size >= shown / STEPS_SHOWN) log(`${Math.round((100 * shown++) / STEPS_SHOWN)} %`);
      }
      await disk.sync();
      await copy(source, disk, 0, HEAD_BYTES);
      await disk.sync();
    } finally {
      await disk.close();
    }
  } catch (error) {
    if (error instanceof Dock0Error || signal.aborted || !begun) throw error;
    throw new Dock0Error(`--onto ${path}: the disk cannot be written: ${(error as Error).message}`, {
      hint: 'It boots nothing now. Write it again, or take another one.',
    });
  } finally {
    await source.close();
  }
  await run('sfdisk', ['--quiet', '--relocate', 'gpt-bak-std', path]);
}

async function copy(from: FileHandle, to: FileHandle, at: number, bytes: number): Promise<void> {
  const piece = Buffer.alloc(bytes);
  const { bytesRead } = await from.read(piece, 0, bytes, at);
  if (bytesRead !== bytes) throw new Error('the disk image was cut off meanwhile');
  const { bytesWritten } = await to.write(piece, 0, bytes, at);
  if (bytesWritten !== bytes) throw new Error(`it took ${bytesWritten} of ${bytes} bytes at ${at}`);
}

function mebibytes(bytes: number): number {
  return Math.ceil(bytes / MEBIBYTE);
}

import { readFileSync } from 'node:fs';

/** A write of a guest to its disk; the bytes that it wrote are in the log. */
export interface Write {
  /** Where on the disk. */
  offset: number;
  bytes: Buffer;
}

/** What a guest did to its disk: writes, and flushes, after each of which all that was written before it stays. */
export type Entry = Write | 'flush';

/** The unit in which a disk is written: what the power cuts off lies between two of them. */
export const SECTOR = 512;

const MAGIC = 0x6a736677736872n;
const FLUSH = 1n;
const DISCARD = 4n;
const FIELDS = 32;

/**
 * Reads a log of dm-log-writes (Linux, Documentation/admin-guide/device-mapper/log-writes.rst), as QEMU's driver blklogwrites
 * writes it: a sector with magic, version, number of entries and size of sectors, all little-endian; then for each entry a
 * sector that begins with where it is, how long it is, its flags and the length of its mark, and the data.
 */
export function readLog(file: string): Entry[] {
  const log = readFileSync(file);
  if (log.readBigUInt64LE(0) !== MAGIC || log.readBigUInt64LE(8) !== 1n)
    throw new Error(`${file} is no log of writes`);
  const count = Number(log.readBigUInt64LE(16));
  const sector = log.readUInt32LE(24);
  const entries: Entry[] = [];
  let at = sector;
  for (let read = 0; read < count; read++) {
    const [start = 0n, sectors = 0n, flags = 0n, mark = 0n] = [0, 8, 16, 24].map((field) =>
      log.subarray(at, at + FIELDS).readBigUInt64LE(field),
    );
    if ((flags & DISCARD) !== 0n || mark !== 0n) throw new Error(`${file}: entry ${read} is no write`);
    const length = Number(sectors) * sector;
    at += sector;
    if (length > 0) entries.push({ offset: Number(start) * sector, bytes: log.subarray(at, at + length) });
    if ((flags & FLUSH) !== 0n) entries.push('flush');
    at += length;
  }
  return entries;
}

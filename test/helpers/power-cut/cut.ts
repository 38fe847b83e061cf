import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Place } from '../../../lib/install/layout';
import { run } from '../../../lib/system/process';
import type { Parts } from './boots';
import { type Entry, SECTOR, type Write } from './write-log';

/** A moment at which the power fails, and what the disk then did not do. */
export interface Cut {
  /** So many entries of the log came to the disk, in the order of the log. */
  kept: number;
  /** What came besides them of those after the last flush before the moment, maybe in part. */
  besides: Write[];
  /** How the disk failed, in a word, and where. */
  what: string;
}

/** How the writes after the last flush ended: all are there, some are missing, some are there in part. */
const ENDINGS = ['in order', 'some lost', 'some torn'] as const;

/**
 * Chooses moments at which the power fails. Half of them are anywhere in the log, the others anywhere between any two flushes,
 * of which most have few and small writes.
 *
 * @param random numbers from 0 to 1
 * @returns in the order of the log
 */
export function chooseCuts(entries: readonly Entry[], count: number, random: () => number): Cut[] {
  const below = (limit: number): number => Math.floor(random() * limit);
  const flushes = [0, ...entries.flatMap((entry, index) => (entry === 'flush' ? [index + 1] : []))];
  const cuts = Array.from({ length: count }, (_, number): Cut => {
    let end = below(entries.length + 1);
    if (number % 2 === 1) {
      const from = below(flushes.length);
      const start = flushes[from] ?? 0;
      end = start + below((flushes[from + 1] ?? entries.length + 1) - start);
    }
    const ending = ENDINGS[below(ENDINGS.length)] ?? 'in order';
    if (ending === 'in order') return { kept: end, besides: [], what: `${ending}, ${end}` };
    const kept = flushes.findLast((flush) => flush <= end) ?? 0;
    const share = random();
    const besides = entries
      .slice(kept, end)
      .flatMap((entry) => (entry === 'flush' || random() > share ? [] : [entry]))
      .flatMap((write) => (ending === 'some torn' && random() < 0.5 ? torn(write, below) : [write]));
    return { kept, besides, what: `${ending}, ${kept} to ${end}` };
  });
  return cuts.sort((one, other) => one.kept - other.kept);
}

/** What is left of a write: up to a sector, from a sector on, or any of its sectors. */
function torn({ offset, bytes }: Write, below: (limit: number) => number): Write[] {
  const sectors = bytes.length / SECTOR;
  const part = (from: number, to: number): Write => ({
    offset: offset + from * SECTOR,
    bytes: bytes.subarray(from * SECTOR, to * SECTOR),
  });
  const edge = below(sectors + 1);
  const way = below(3);
  if (way === 0) return [part(0, edge)];
  if (way === 1) return [part(edge, sectors)];
  return Array.from({ length: sectors }, (_, at) => part(at, at + 1)).filter(() => below(2) === 1);
}

/** Copies the partitions of a disk to files of their own, sparse. */
export async function takeApart(
  disk: string,
  places: Record<keyof Parts, Place>,
  folder: string,
): Promise<Parts> {
  const parts: Parts = { esp: join(folder, 'esp.img'), releases: join(folder, 'releases.img') };
  for (const name of ['esp', 'releases'] as const)
    await run('dd', [
      ...[`if=${disk}`, `of=${parts[name]}`, 'bs=1M', 'conv=sparse', 'status=none'],
      ...['iflag=skip_bytes,count_bytes', `skip=${places[name].start}`, `count=${places[name].bytes}`],
    ]);
  return parts;
}

/** A copy of the partitions of a disk to which the writes of a log are brought up to one moment after the other. */
export interface Replay {
  parts: Parts;
  /** Makes the partitions what they are after a cut, lets `look` see them, and takes back what did not come in order. */
  at: <T>(cut: Cut, look: () => Promise<T>) => Promise<T>;
  /** Copies the disk as it is now. */
  copy: (file: string) => Promise<void>;
  close: () => void;
}

/**
 * Copies the partitions of a disk, for cuts in the order of the log.
 *
 * @param folder where to
 * @throws Error where something else of the disk is written
 */
export async function startReplay(
  before: string,
  entries: readonly Entry[],
  places: Record<keyof Parts, Place>,
  folder: string,
): Promise<Replay> {
  const parts = await takeApart(before, places, folder);
  const files = (['esp', 'releases'] as const).map((name) => ({ ...places[name], file: parts[name] }));
  const opened = files.map((each) => ({ ...each, open: openSync(each.file, 'r+') }));
  const at = ({ offset, bytes }: Write): [number, number] => {
    const part = opened.find(
      ({ start, bytes: size }) => offset >= start && offset + bytes.length <= start + size,
    );
    if (part === undefined) throw new Error(`a write at ${offset}, which is in no partition`);
    return [part.open, offset - part.start];
  };
  const put = (write: Write): void => {
    const [file, offset] = at(write);
    writeSync(file, write.bytes, 0, write.bytes.length, offset);
  };
  let done = 0;
  return {
    parts,
    at: async ({ kept, besides }, look) => {
      if (kept < done) throw new Error('cuts come in the order of the log');
      for (const entry of entries.slice(done, kept)) if (entry !== 'flush') put(entry);
      done = kept;
      const were = besides.map((write) => {
        const was = { offset: write.offset, bytes: Buffer.alloc(write.bytes.length) };
        const [file, offset] = at(write);
        readSync(file, was.bytes, 0, was.bytes.length, offset);
        put(write);
        return was;
      });
      try {
        return await look();
      } finally {
        for (const was of were.reverse()) put(was);
      }
    },
    copy: async (copy) => {
      await run('cp', [before, copy]);
      for (const { file, start } of files)
        await run('dd', [
          ...[`if=${file}`, `of=${copy}`, 'bs=1M', 'conv=notrunc', 'status=none'],
          ...['oflag=seek_bytes', `seek=${start}`],
        ]);
    },
    close: () => {
      for (const { open } of opened) closeSync(open);
    },
  };
}

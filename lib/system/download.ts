import { mkdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { type Answer, curl, lengthIn, type Transfer, validatorIn } from './curl';
import { unwritten } from './disk-full';
import type { Runner } from './sandbox';

/** A file to download. */
export interface Download {
  /** What it is called in messages. */
  name: string;
  /** Where it is, in order of preference. */
  urls: readonly string[];
  /** Where it goes; what was there is replaced. */
  to: string;
  /** Its size in bytes, where that is known. `check` has to know its content then, so that any part can be resumed. */
  bytes?: number;
  /** Says what is wrong with a whole file, if anything is; such a file is dropped and the next URL asked. */
  check?: (file: string) => Promise<string | undefined>;
}

/** A file that no URL gave, and what came of each; a server is `https://host:port`, or `file:`. */
export type Missing<D extends Download = Download> = D & { refusals: (Answer & { server: string })[] };

export interface DownloadContext {
  run: Runner;
  signal: AbortSignal;
  log: (line: string) => void;
  progress?: (done: number, total: number, what?: string) => void;
}

interface Pending extends Missing {
  /** Which of the URLs is asked next, and how often it was. */
  at: number;
  tries: number;
  done: boolean;
}

const TRIES = 4;
const SILENCE: Answer = { outcome: 'dead', reason: 'the server does not answer' };

/** Servers that do not answer: nobody asks them again for as long as the signal's run lasts. */
const silent = new WeakMap<AbortSignal, Set<string>>();

/**
 * Downloads files, several at a time. A file's URLs are asked one after the other; the last one is asked again when
 * its server is busy. An interrupted download is resumed, also by a later call: where `bytes` is known, or else while
 * the server has the same file.
 *
 * @returns the files that no URL gave
 * @throws Dock0Error when the disk is full
 */
export async function download<D extends Download>(
  wanted: readonly D[],
  context: DownloadContext,
): Promise<Missing<D>[]> {
  const files = wanted.map((file) => ({ ...file, refusals: [], at: 0, tries: 0, done: false }));
  const dead = silent.get(context.signal) ?? new Set<string>();
  silent.set(context.signal, dead);
  let telling = false;
  // One at a time: on a busy machine a look at hundreds of files takes longer than the pause between two.
  const report = setInterval(async () => {
    if (telling) return;
    telling = true;
    await tell(wanted, context).finally(() => {
      telling = false;
    });
  }, 500);
  try {
    // The first one goes alone: a server that does not answer should cost its timeout once.
    for (let batch: Pending[] = files.slice(0, 1), rest = files.slice(1); batch.length > 0; rest = []) {
      for (const file of batch) while (isOpen(file) && dead.has(serverOf(file))) nextUrl(file, SILENCE);
      const asked = batch.filter(isOpen);
      if (asked.length > 0) await attempt(asked, dead, context);
      batch = [...asked.filter(isOpen), ...rest];
    }
  } finally {
    clearInterval(report);
  }
  return files.filter(({ done }) => !done);
}

/** Asks every file's current URL once. */
async function attempt(files: Pending[], dead: Set<string>, context: DownloadContext): Promise<void> {
  const transfers: Transfer[] = [];
  for (const file of files) transfers.push(await transferOf(file, context));
  const answers = await curl(transfers, context);
  const waits = new Map<string, number>();
  for (const [index, file] of files.entries()) {
    const { outcome, reason } = answers[index] as Answer;
    if (outcome === 'unwritten') throw unwritten(file.name);
    const wrong = outcome === 'whole' ? await file.check?.(partOf(file)) : undefined;
    if (outcome === 'whole' && wrong === undefined) {
      // The file last: once it is there, nobody looks for what is beside it.
      await rm(headersOf(file), { force: true });
      await rename(partOf(file), file.to);
      file.done = true;
      continue;
    }
    if (outcome === 'dead') dead.add(serverOf(file));
    const useless = outcome === 'stale' || wrong !== undefined;
    if (useless) await startOver(file);
    const busy = outcome === 'busy' && isLast(file);
    const again = outcome === 'cut' || busy || (useless && transfers[index]?.resumed);
    if (again && ++file.tries < TRIES) {
      if (busy) waits.set(`${new URL(serverOf(file)).host} answers ${reason}`, 2 ** (file.tries - 1));
      continue;
    }
    nextUrl(file, wrong === undefined ? { outcome, reason } : { outcome: 'refused', reason: wrong });
    // The next server may have another file.
    if (file.bytes === undefined && isOpen(file)) await startOver(file);
  }
  if (waits.size > 0) await pause(waits, context);
}

/** Waits as long as the slowest of some servers needs. */
async function pause(waits: ReadonlyMap<string, number>, { log, signal }: DownloadContext): Promise<void> {
  for (const [why, seconds] of waits) log(`${why}; asking again in ${seconds} s`);
  const longest = Math.max(...waits.values()) * 1000;
  await setTimeout(longest, undefined, { signal }).catch(() => signal.throwIfAborted());
}

/** Asks for the rest where what is there can be resumed, else for all of it. */
async function transferOf(file: Pending, { log }: DownloadContext): Promise<Transfer> {
  await mkdir(dirname(file.to), { recursive: true });
  const had = await sizeOf(partOf(file));
  const ifRange = file.bytes === undefined ? validatorIn(await headersIn(file)) : undefined;
  const resumed = had > 0 && (file.bytes === undefined ? ifRange !== undefined : had < file.bytes);
  if (resumed) log(`resuming ${file.name} at ${(had / 1e6).toFixed(1)} MB`);
  else await startOver(file);
  return {
    url: file.urls[file.at] as string,
    output: partOf(file),
    resumed,
    ifRange: resumed ? ifRange : undefined,
    // A part is resumed by the answer that it began with.
    headers: resumed ? undefined : headersOf(file),
    patient: isLast(file),
  };
}

function nextUrl(file: Pending, answer: Answer): void {
  file.refusals.push({ server: serverOf(file), ...answer });
  file.at++;
  file.tries = 0;
}

function isOpen({ done, at, urls }: Pending): boolean {
  return !done && at < urls.length;
}

function isLast({ at, urls }: Pending): boolean {
  return at === urls.length - 1;
}

function serverOf({ at, urls }: Pending): string {
  const url = new URL(urls[at] as string);
  return url.protocol === 'file:' ? url.protocol : url.origin;
}

async function tell(files: readonly Download[], { progress }: DownloadContext): Promise<void> {
  let done = 0;
  let total = 0;
  for (const file of files) {
    total += file.bytes ?? lengthIn(await headersIn(file));
    done += (await sizeOf(partOf(file))) || (await sizeOf(file.to));
  }
  const what = files.length === 1 ? `downloading ${files[0]?.name}` : 'downloading';
  if (total > 0) progress?.(Math.min(done, total), total, what);
}

async function startOver(file: Download): Promise<void> {
  for (const path of [partOf(file), headersOf(file)]) await rm(path, { force: true });
}

function partOf({ to }: Download): string {
  return `${to}.part`;
}

/** The headers of the answer that the part began with. */
function headersOf(file: Download): string {
  return `${partOf(file)}.headers`;
}

function headersIn(file: Download): Promise<string> {
  return readFile(headersOf(file), 'latin1').catch(() => '');
}

async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(() => undefined))?.size ?? 0;
}

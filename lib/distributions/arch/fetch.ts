import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Dock0Error } from '../../error';
import { unwritten } from '../../system/disk-full';
import type { Runner } from '../../system/sandbox';

/** A file that any of several mirrors may have. */
export interface Wanted {
  /** What it is called in messages. */
  name: string;
  /** Where it is, in order of preference. */
  urls: string[];
  /** Where it goes. */
  to: string;
  /** Its size in bytes, where that is known. */
  bytes?: number;
  /** Says what is wrong with a whole file, if anything is; such a file is dropped and the next mirror asked. */
  check: (file: string) => Promise<string | undefined>;
  /** Whether it may be missing everywhere. */
  optional?: boolean;
  /** What it means when mirrors answer that they have no such file, and none answers anything else. */
  absent?: { message: string; hint: string };
}

export interface FetchContext {
  run: Runner;
  signal: AbortSignal;
  log: (line: string) => void;
  progress?: (done: number, total: number, what?: string) => void;
}

const PARALLEL = 5;
const TRIES = 4;
/** Exit codes of curl(1) after which the same server may go on where it stopped: cut, reset or stalled connections. */
const CUT = new Set([18, 28, 52, 55, 56, 92]);
/** Those after which no other file needs to ask this server: no address, no connection, no TLS. */
const DEAD = new Set([5, 6, 7, 35, 60]);
const TIMED_OUT = 28;
/** Servers that did not answer: nobody asks them again for as long as the signal's run lasts. */
const silent = new WeakMap<AbortSignal, Set<string>>();
const DISK_FULL = 23;
/** Of a file: URL. */
const NO_FILE = 37;
const RANGE_REFUSED = 416;

/**
 * Downloads files, several at a time and over kept connections, with curl(1), which knows the machine's proxies and
 * certificates. A file's mirrors are asked one after the other; an interrupted download goes on where it stopped.
 *
 * @throws Dock0Error naming the files that no mirror gives, with what each mirror answered
 */
export async function fetchAll(wanted: readonly Wanted[], context: FetchContext): Promise<void> {
  const pending = wanted.map((each) => ({
    ...each,
    at: 0,
    tries: 0,
    reasons: [] as string[],
    misses: 0,
    refusals: 0,
    resumed: false,
  }));
  const dead = silent.get(context.signal) ?? new Set<string>();
  silent.set(context.signal, dead);
  const failed: Pending[] = [];
  // The first one goes alone: a mirror that does not answer should cost its timeout once.
  let batch = pending.slice(0, 1);
  let rest = pending.slice(1);
  const total = wanted.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0);
  const report = setInterval(() => void say(pending, total, context), 500);
  try {
    while (batch.length > 0) {
      const asked = batch.filter((each) => skipDead(each, dead) !== undefined);
      failed.push(...batch.filter((each) => !asked.includes(each)));
      const again = await attempt(asked, dead, context);
      failed.push(...again.filter((each) => each.at >= each.urls.length));
      batch = [...again.filter((each) => each.at < each.urls.length), ...rest];
      rest = [];
    }
  } finally {
    clearInterval(report);
  }
  const needed = failed.filter(({ optional }) => optional !== true);
  if (needed.length > 0) throw unobtainable(needed);
}

interface Pending extends Wanted {
  /** Which of the URLs is asked next, how often it was, and what came of the earlier ones. */
  at: number;
  tries: number;
  reasons: string[];
  /** How many mirrors have no such file. */
  misses: number;
  /** How many gave another answer that is no such file: an error, or something else. */
  refusals: number;
  resumed: boolean;
}

/** Asks every file's current mirror; returns those that have to be asked for again, moved on to their next mirror. */
async function attempt(
  files: readonly Pending[],
  dead: Set<string>,
  context: FetchContext,
): Promise<Pending[]> {
  if (files.length === 0) return [];
  for (const file of files) {
    await mkdir(dirname(file.to), { recursive: true });
    file.resumed = (await sizeOf(partOf(file))) > 0;
    // As long as it should be, and yet not taken: nothing to go on with.
    if (file.resumed && file.bytes !== undefined && (await sizeOf(partOf(file))) >= file.bytes)
      await startOver(file);
  }
  const results = await curl(files, context);
  const again: Pending[] = [];
  for (const [index, file] of files.entries()) {
    const result = results.get(index) ?? { code: -1, status: 0, message: 'curl said nothing of it' };
    if (result.code === DISK_FULL) throw unwritten(file.name);
    const wrong = result.code === 0 ? await file.check(partOf(file)) : undefined;
    if (result.code === 0 && wrong === undefined) {
      await rename(partOf(file), file.to);
      continue;
    }
    const dies = isDead(result);
    if (dies) dead.add(originOf(file));
    const startsOver = wrong !== undefined || result.status === RANGE_REFUSED;
    const goesOn = (CUT.has(result.code) && !dies) || (startsOver && file.resumed);
    if (startsOver) await startOver(file);
    const misses = result.status === 404 || result.code === NO_FILE;
    if (!goesOn || ++file.tries >= TRIES) {
      if (misses) file.misses++;
      else if (!dies) file.refusals++;
      nextMirror(file, wrong ?? reasonOf(result));
    }
    again.push(file);
  }
  return again;
}

/** What curl says of a transfer: its exit code, the HTTP status (0 when there was no answer), and the error in words. */
export interface Result {
  code: number;
  status: number;
  message: string;
}

/** Whether a server does not answer at all. Timed out before a status came, there was no connection, or silence on it. */
export function isDead({ code, status }: Pick<Result, 'code' | 'status'>): boolean {
  return DEAD.has(code) || (code === TIMED_OUT && status === 0);
}

async function curl(files: readonly Pending[], { run, signal }: FetchContext): Promise<Map<number, Result>> {
  const options = ['fail', 'location', 'silent', 'globoff', 'parallel', `parallel-max = ${PARALLEL}`];
  const limits = ['connect-timeout = 10', 'speed-time = 30', 'speed-limit = 1', 'proto = "=http,https,file"'];
  const report = 'write-out = "%{urlnum} %{exitcode} %{http_code} %{errormsg}\\n"';
  const transfers = files.flatMap((file) => [
    `url = ${quoted(file.urls[file.at] ?? '')}`,
    `output = ${quoted(partOf(file))}`,
  ]);
  const config = [...options, ...limits, 'continue-at = -', report, ...transfers, ''].join('\n');
  const okCodes = Array.from({ length: 128 }, (_, code) => code);
  const { stdout } = await run('curl', ['--disable', '--config', '-'], { input: config, okCodes, signal });
  const results = new Map<number, Result>();
  for (const [, at, code, status, message = ''] of stdout.matchAll(/^(\d+) (\d+) (\d+) ?(.*)$/gm)) {
    results.set(Number(at), { code: Number(code), status: Number(status), message });
  }
  return results;
}

function skipDead(file: Pending, dead: Set<string>): string | undefined {
  while (file.at < file.urls.length && dead.has(originOf(file)))
    nextMirror(file, 'the server does not answer');
  return file.urls[file.at];
}

function nextMirror(file: Pending, reason: string): void {
  file.reasons.push(`${originOf(file)}: ${reason}`);
  file.at++;
  file.tries = 0;
}

function originOf(file: Pending): string {
  const url = new URL(file.urls[file.at] ?? 'file:///');
  return url.protocol === 'file:' ? 'file:' : url.origin;
}

function reasonOf({ code, status, message }: Result): string {
  if (status >= 400) return `HTTP ${status}`;
  return message === '' ? `curl's exit code ${code}` : message;
}

function unobtainable(files: readonly Pending[]): Dock0Error {
  // A server that can't be reached (the archive, without a way out) is no reason to doubt the others.
  const absent = (file: Pending): Wanted['absent'] =>
    file.misses > 0 && file.refusals === 0 ? file.absent : undefined;
  const shown = files
    .slice(0, 5)
    .map((file) => absent(file)?.message ?? `${file.name} can't be downloaded (${file.reasons.join('; ')})`);
  const more = files.length - shown.length;
  const hints = files.map((file) => absent(file)?.hint);
  return new Dock0Error([...shown, ...(more > 0 ? [`and ${more} more`] : [])].join('\n'), {
    hint: hints.includes(undefined)
      ? 'Is there a network, and does `mirror` work? When the mirror has newer versions, `gulp update` fetches its lists.'
      : hints[0],
  });
}

async function say(files: readonly Pending[], total: number, { progress }: FetchContext): Promise<void> {
  if (progress === undefined || total === 0) return;
  let done = 0;
  for (const file of files) done += (await sizeOf(file.to)) || (await sizeOf(partOf(file)));
  progress(Math.min(done, total), total, 'downloading');
}

async function startOver(file: Pending): Promise<void> {
  await rm(partOf(file), { force: true });
  file.resumed = false;
}

function partOf({ to }: Wanted): string {
  return `${to}.part`;
}

async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(() => undefined))?.size ?? 0;
}

/** As curl's configuration file wants it: in double quotes, a backslash before what is special there. */
function quoted(text: string): string {
  return `"${text.replace(/[\\"]/g, '\\$&')}"`;
}

import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { Dock0Error } from '../../error';
import { unwritten } from '../../system/disk-full';
import { guard } from '../../system/guard';
import { CommandError } from '../../system/process';
import type { Work } from '../work';

/** Exit codes of curl(1) after which it is worth going on where it stopped: timeouts, cut or reset connections. */
const GO_ON = new Set([18, 28, 52, 55, 56, 92]);
/** The server has no ranges, or what is there is no beginning of what it has. */
const START_OVER = new Set([33, 36]);
/** HTTP statuses that pass: too many requests, and servers that others stand for. */
const BUSY = new Set([429, 502, 503, 504]);
const DISK_FULL = 23;
const TRIES = 4;

/** Makes the error of an address that leads nowhere (HTTP 404 or 410), where more is known of it than that. */
export type Missing = () => Promise<Dock0Error>;

/**
 * Downloads a file into the cache with curl(1), which knows the proxies and certificates of the machine; what an
 * earlier try left is gone on with, unless the server has another file now. A file that is there already is not
 * fetched again, nor twice at once.
 *
 * @returns the path of the whole file
 * @throws Dock0Error when the server does not have it, or it can't be reached
 */
export async function download(url: string, work: Work, missing?: Missing): Promise<string> {
  const name = nameOf(url);
  const id = createHash('sha256').update(url).digest('hex').slice(0, 8);
  const file = join(downloads(work), `${id}-${name}`);
  if (await sizeOf(file)) return file;
  const held = await guard(join(work.cache, 'locks', `download-${id}.lock`), {
    signal: work.signal,
    onWait: () => work.log(`${name} is being downloaded already; waiting for it`),
  });
  try {
    if (!(await sizeOf(file))) await fetchWhole(file, url, name, work, missing);
    return file;
  } finally {
    await held.release();
  }
}

async function fetchWhole(
  file: string,
  url: string,
  name: string,
  work: Work,
  missing: Missing | undefined,
): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const part = `${file}.part`;
  work.progress(0, 1, `downloading ${name}`);
  for (let attempt = 1; ; attempt++) {
    const had = await sizeOf(part);
    if (had > 0) work.log(`going on with ${name} at ${megabytes(had)}`);
    const code = await fetchInto(part, had, url, name, work);
    if (code === 0) break;
    if (code === DISK_FULL) throw unwritten(name);
    if (START_OVER.has(code)) await startOver(part);
    const again = GO_ON.has(code) || START_OVER.has(code) || BUSY.has(code);
    if (!again || attempt === TRIES) throw await unreachable(url, code, await sizeOf(part), missing);
    if (BUSY.has(code)) await pause(url, code, attempt, work);
  }
  await rename(part, file);
  await rm(headersOf(part), { force: true });
}

/** The last part of an address, as a file may be called in any folder. */
function nameOf(url: string): string {
  return (
    basename(new URL(url).pathname)
      .replace(/[^\w.+-]/g, '_')
      .slice(-100) || 'download'
  );
}

/** Gives a server that has too much to do some time: 1, 2, 4 seconds. */
async function pause(url: string, code: number, attempt: number, { log, signal }: Asking): Promise<void> {
  const seconds = 2 ** (attempt - 1);
  log(`${new URL(url).host} answers HTTP ${code}; asking again in ${seconds} s`);
  await setTimeout(seconds * 1000, undefined, { signal }).catch(() => signal.throwIfAborted());
}

/**
 * Removes a file that was downloaded, so that the next build fetches it anew; what lies elsewhere is the user's.
 *
 * @returns whether it was a downloaded one
 */
export async function discard(file: string, work: Pick<Work, 'cache'>): Promise<boolean> {
  if (!file.startsWith(`${downloads(work)}/`)) return false;
  await rm(file, { force: true });
  return true;
}

/**
 * Removes a download that turned out to be no kernel: every later build would find it in the cache.
 *
 * @param error what is wrong with it; nothing is removed when that is no fault of the file's
 * @returns the error, with what was done
 */
export async function refuseDownload(error: unknown, file: string, work: Work): Promise<unknown> {
  if (!(error instanceof Dock0Error) || error instanceof CommandError) return error;
  if (!(await discard(file, work))) return error;
  return new Dock0Error(error.message, {
    hint: 'What the server sent is removed, the next build downloads it anew. Is it the address of a kernel tarball, and no page of the network to log in at?',
    cause: error,
  });
}

function downloads({ cache }: Pick<Work, 'cache'>): string {
  return join(cache, 'downloads', 'kernel');
}

/** What is needed to ask a server. */
export type Asking = Pick<Work, 'run' | 'log' | 'signal'>;

/**
 * The text of a small file: a list of releases or checksums.
 *
 * @throws Dock0Error when it can't be had
 */
export async function downloadText(url: string, at: Asking, missing?: Missing): Promise<string> {
  for (let attempt = 1; ; attempt++) {
    try {
      const args = [...FLAGS, '--max-time', '60', '--', url];
      return (await at.run('curl', args, { keep: Number.POSITIVE_INFINITY })).stdout;
    } catch (error) {
      if (!(error instanceof CommandError) || error.code === undefined) throw error;
      const code = httpStatus(error);
      if (!BUSY.has(code) || attempt === TRIES) throw await unreachable(url, code, 0, missing);
      await pause(url, code, attempt, at);
    }
  }
}

const FLAGS = [
  // What a user's ~/.curlrc adds is for what they call themselves; it has to come first.
  '--disable',
  '--fail',
  '--location',
  '--silent',
  '--show-error',
  '--proto',
  '=http,https',
  '--connect-timeout',
  '30',
];

/** curl's exit code, or the HTTP status where the server said no. */
async function fetchInto(part: string, had: number, url: string, name: string, work: Work): Promise<number> {
  const headers = `${part}.answer`;
  const unchanged =
    had > 0 ? validatorIn(await readFile(headersOf(part), 'latin1').catch(() => '')) : undefined;
  await rm(headers, { force: true });
  const watch = setInterval(() => void report(part, headers, name, work), 300);
  try {
    const flags = [
      ...FLAGS,
      '--continue-at',
      '-',
      '--dump-header',
      headers,
      '--speed-time',
      '60',
      '--speed-limit',
      '1',
      ...(unchanged === undefined ? [] : ['--header', `If-Range: ${unchanged}`]),
    ];
    await work.run('curl', [...flags, '--output', part, '--', url]);
    return 0;
  } catch (error) {
    if (!(error instanceof CommandError) || error.code === undefined) throw error;
    const status = httpStatus(error);
    // Nothing after the end (416): the last try was cut just there, or the file changed; only from the start is sure.
    return status === 416 ? 36 : status;
  } finally {
    clearInterval(watch);
    // A refusal tells nothing of the part that is there.
    const answer = await readFile(headers, 'latin1').catch(() => '');
    if (validatorIn(answer) === undefined) await rm(headers, { force: true });
    else await rename(headers, headersOf(part));
  }
}

async function startOver(part: string): Promise<void> {
  for (const file of [part, headersOf(part)]) await rm(file, { force: true });
}

/** The headers of the answer that the part came with, kept beside it. */
function headersOf(part: string): string {
  return `${part}.headers`;
}

/**
 * What tells the file of an answer from a later one of the same address (RFC 9110, section 8.8): only a strong one
 * serves for `If-Range`. Without it, a server that has another file now goes on in the middle of that.
 */
function validatorIn(headers: string): string | undefined {
  const last = headers.split(/^(?=HTTP\/)/m).at(-1) ?? '';
  if (!/^HTTP\/\S+ 20[06]/.test(last)) return undefined;
  const tag = /^etag: *("[^"\r\n]*")/im.exec(last)?.[1];
  return tag ?? /^last-modified: *(.+?)\s*$/im.exec(last)?.[1];
}

function httpStatus(error: CommandError): number {
  return error.code === 22 ? Number(/error: (\d{3})/.exec(error.output)?.[1] ?? 22) : (error.code as number);
}

async function report(part: string, headers: string, name: string, work: Work): Promise<void> {
  const text = await readFile(headers, 'latin1').catch(() => '');
  const range = /^content-range: bytes \d+-\d+\/(\d+)/im.exec(text)?.[1];
  const length = [...text.matchAll(/^content-length: (\d+)/gim)].at(-1)?.[1];
  const total = Number(range ?? length ?? 0);
  if (total > 0) work.progress(await sizeOf(part), total, `downloading ${name}`);
}

async function unreachable(
  url: string,
  code: number,
  had: number,
  missing: Missing | undefined,
): Promise<Dock0Error> {
  if (code === 404 || code === 410)
    return (await missing?.()) ?? new Dock0Error(`${url}: the server does not have it (HTTP ${code})`);
  if (BUSY.has(code))
    return new Dock0Error(`${url}: the server can't give it now (HTTP ${code})`, {
      hint: 'Try again later.',
    });
  if (code >= 300) return new Dock0Error(`${url}: the server refuses it (HTTP ${code})`);
  const why = CURL[code] ?? `curl's exit code ${code}`;
  const kept = had > 0 ? ` ${megabytes(had)} are kept; the next build goes on from there.` : '';
  return new Dock0Error(`${url} can't be downloaded: ${why}`, { hint: `Is there a network?${kept}` });
}

/** From curl(1), "EXIT CODES". */
const CURL: Record<number, string> = {
  5: "the proxy's name is not known",
  6: "the server's name is not known",
  7: 'the server does not answer',
  18: 'the connection was cut',
  28: 'nothing came for too long',
  35: 'the TLS connection failed',
  52: 'the server sent nothing',
  56: 'the connection was cut',
  60: "the server's certificate is not trusted",
};

async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(() => undefined))?.size ?? 0;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

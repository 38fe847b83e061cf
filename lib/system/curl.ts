import type { Runner } from './sandbox';

/** One file to transfer. */
export interface Transfer {
  url: string;
  output: string;
  /** Appends to what `output` holds. */
  resumed: boolean;
  /** Resumes only while the server's file has this validator (RFC 9110, section 13.1.5). */
  ifRange: string | undefined;
  /** Where the answer's headers go. */
  headers: string | undefined;
  /** More time for a slow server. */
  patient: boolean;
}

/**
 * What a transfer came to: the whole file; no room to write it; a part that is no beginning of the server's file; too
 * many requests, or a server that others stand in for; no such file; no answer, so that no other file needs to ask; a
 * connection that was cut or stalled; or anything else.
 */
export type Outcome = 'whole' | 'unwritten' | 'stale' | 'busy' | 'absent' | 'dead' | 'cut' | 'refused';

/** An outcome, and why it is no whole file. */
export interface Answer {
  outcome: Outcome;
  reason: string;
}

const PARALLEL = 5;
// From curl(1), "EXIT CODES".
const WRITE_ERROR = 23;
const TIMED_OUT = 28;
const NO_RANGES = [33, 36];
const NO_LOCAL_FILE = 37;
/** No address, no connection, no TLS. */
const DEAD = [5, 6, 7, 35, 60];
const CUT = [18, TIMED_OUT, 52, 55, 56, 92];

/**
 * Transfers files with one curl(1), several at a time and over kept connections. curl knows the machine's proxies and
 * certificates; what a ~/.curlrc adds is left out.
 *
 * @returns an answer for each transfer
 * @throws CommandError when curl can't be started
 */
export async function curl(
  transfers: readonly Transfer[],
  { run, signal }: { run: Runner; signal: AbortSignal },
): Promise<Answer[]> {
  const blocks = transfers.map(({ url, output, resumed, ifRange, headers, patient }, index) =>
    [
      // The output next to its URL, as curl pairs them.
      `url = ${quoted(url)}`,
      `output = ${quoted(output)}`,
      ...['fail', 'location', 'silent', 'no-progress-meter', 'globoff', 'proto = "=http,https,file"'],
      ...[`connect-timeout = ${patient ? 30 : 10}`, `speed-time = ${patient ? 60 : 30}`, 'speed-limit = 1'],
      `write-out = "${index} %{exitcode} %{http_code} %{errormsg}\\n"`,
      ...(resumed ? ['continue-at = -'] : []),
      ...(ifRange === undefined ? [] : [`header = ${quoted(`If-Range: ${ifRange}`)}`]),
      ...(headers === undefined ? [] : [`dump-header = ${quoted(headers)}`]),
    ].join('\n'),
  );
  const input = `parallel\nparallel-max = ${PARALLEL}\n${blocks.join('\nnext\n')}\n`;
  const okCodes = Array.from({ length: 128 }, (_, code) => code);
  const { stdout } = await run('curl', ['--disable', '--config', '-'], {
    input,
    okCodes,
    signal,
    network: true,
  });
  const answers = new Map<number, Answer>();
  for (const [, index, code, status, message] of stdout.matchAll(/^(\d+) (\d+) (\d+) ?(.*)$/gm)) {
    const reason = Number(status) >= 400 ? `HTTP ${status}` : message || `curl's exit code ${code}`;
    answers.set(Number(index), { outcome: outcomeOf(Number(code), Number(status)), reason });
  }
  return transfers.map((_, index) => answers.get(index) ?? { outcome: 'refused', reason: 'curl failed' });
}

/**
 * What curl's exit code and the HTTP status (0 without an answer) mean. A timeout before any status came is a server
 * that does not answer.
 */
export function outcomeOf(code: number, status: number): Outcome {
  if (code === 0) return 'whole';
  if (code === WRITE_ERROR) return 'unwritten';
  if (NO_RANGES.includes(code) || status === 416) return 'stale';
  if ([429, 502, 503, 504].includes(status)) return 'busy';
  if ([404, 410].includes(status) || code === NO_LOCAL_FILE) return 'absent';
  if (DEAD.includes(code) || (code === TIMED_OUT && status === 0)) return 'dead';
  return CUT.includes(code) ? 'cut' : 'refused';
}

/**
 * What tells the file of an answer from a later one of the same address (RFC 9110, section 8.8). Only a strong
 * validator is safe to resume by.
 *
 * @param headers as curl's --dump-header writes them, redirects included
 */
export function validatorIn(headers: string): string | undefined {
  const last = headers.split(/^(?=HTTP\/)/m).at(-1) ?? '';
  if (!/^HTTP\/\S+ 200/.test(last)) return undefined;
  const tag = /^etag: *("[^"\r\n]*")/im.exec(last)?.[1];
  return tag ?? /^last-modified: *(.+?)\s*$/im.exec(last)?.[1];
}

/** The length of the file that an answer announces, in bytes; 0 when it does not. */
export function lengthIn(headers: string): number {
  return Number([...headers.matchAll(/^content-length: (\d+)/gim)].at(-1)?.[1] ?? 0);
}

/** As curl's configuration file wants it: in double quotes, a backslash before what is special there. */
function quoted(text: string): string {
  return `"${text.replace(/[\\"]/g, '\\$&')}"`;
}

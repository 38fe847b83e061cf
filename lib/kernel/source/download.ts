import { createHash } from 'node:crypto';
import { rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Dock0Error } from '../../error';
import type { Outcome } from '../../system/curl';
import { type DownloadContext, download } from '../../system/download';
import { guard } from '../../system/guard';
import { CommandError } from '../../system/process';

/** How a file is fetched. */
interface Fetching {
  /** Where it goes; by default a file of its own among the downloads. */
  to?: string;
  /** What is there is fetched again when it is older than this, in ms. */
  maxAge?: number;
  check?: (file: string) => Promise<string | undefined>;
  /** Makes the error of an address that leads nowhere (HTTP 404 or 410), where more is known of it than that. */
  absent?: () => Promise<Dock0Error>;
}

/**
 * Downloads a file into the cache. What is there is not downloaded again, and one address is downloaded by one build
 * at a time.
 *
 * @returns the path of the whole file
 * @throws Dock0Error when the server does not have it, or does not answer
 */
export async function fetchOnce(
  url: string,
  context: DownloadContext & { cache: string },
  { maxAge = Number.POSITIVE_INFINITY, absent, ...how }: Fetching = {},
): Promise<string> {
  const id = createHash('sha256').update(url).digest('hex').slice(0, 8);
  const name = nameOf(url);
  const { to = join(downloadsIn(context.cache), `${id}-${name}`), ...checked } = how;
  const isHere = async (): Promise<boolean> => {
    const stats = await stat(to).catch(() => undefined);
    return stats !== undefined && stats.size > 0 && Date.now() - stats.mtimeMs < maxAge;
  };
  if (await isHere()) return to;
  const held = await guard(join(context.cache, 'locks', `download-${id}.lock`), {
    signal: context.signal,
    onWait: () => context.log(`waiting for another build that downloads ${name}`),
  });
  try {
    if (await isHere()) return to;
    const [missing] = await download([{ ...checked, name, urls: [url], to }], context);
    const refusal = missing?.refusals[0];
    if (refusal === undefined) return to;
    const { outcome, reason } = refusal;
    if (outcome === 'absent' && absent !== undefined) throw await absent();
    throw new Dock0Error(`${url} can't be downloaded: ${reason}`, { hint: HINTS[outcome] });
  } finally {
    await held.release();
  }
}

const HINTS: Partial<Record<Outcome, string>> = {
  busy: 'Try again later.',
  cut: 'The part already downloaded is kept; the next build resumes the download.',
  dead: 'Check the network connection.',
};

/** The last part of an address, as a file may be called in any folder. */
function nameOf(url: string): string {
  const last = basename(new URL(url).pathname).replace(/[^\w.+-]/g, '_');
  return last.slice(-100) || 'download';
}

/** The folder of the cache that holds what was downloaded for kernels. */
export function downloadsIn(cache: string): string {
  return join(cache, 'downloads', 'kernel');
}

/**
 * Removes a file that was downloaded, so that the next build downloads it again; a file elsewhere is the user's.
 *
 * @returns whether it was a downloaded one
 */
export async function discard(file: string, { cache }: { cache: string }): Promise<boolean> {
  if (!file.startsWith(`${downloadsIn(cache)}/`)) return false;
  await rm(file, { force: true });
  return true;
}

/**
 * Removes a download that turned out to be no kernel: every later build would find it in the cache.
 *
 * @param error what is wrong with it; nothing is removed when the file is not to blame
 * @returns the error, with what was done
 */
export async function refuseDownload(error: unknown, file: string, at: { cache: string }): Promise<unknown> {
  if (!(error instanceof Dock0Error) || error instanceof CommandError) return error;
  if (!(await discard(file, at))) return error;
  return new Dock0Error(error.message, {
    hint: 'The downloaded file is removed; the next build downloads it again. Is the address that of a kernel tarball, and not of a login page?',
    cause: error,
  });
}

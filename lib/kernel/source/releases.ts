import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { didYouMean } from '../../config/suggest';
import { Dock0Error } from '../../error';
import { run } from '../../system/process';
import type { Runner } from '../../system/sandbox';
import type { Work } from '../work';
import { downloadsIn, fetchOnce } from './download';

/** A release of kernel.org: its version and where its files are. */
export interface Release {
  version: string;
  tarball: string;
  /** Detached signature of the uncompressed tar; a release candidate has none. */
  signature: string | undefined;
  /** The file of checksums that names the tarball. */
  checksums: string | undefined;
}

/** What of kernel.org's releases.json is read. */
interface Listed {
  moniker: string;
  version: string;
  source: string | null;
}

const DAY = 24 * 3600 * 1000;

/**
 * The version that `stable`, `longterm` or `mainline` stand for, by the list of releases; an exact version is itself.
 * The list is kept for a day, so that a day's builds agree; when it is unavailable, the last one is used.
 *
 * @param url kernel.org's releases.json
 * @throws Dock0Error when there is no list, or it does not have the line
 */
export async function exactVersion(wanted: string, url: string, at: Where): Promise<string> {
  return /^\d/.test(wanted) ? wanted : (await listed(wanted, url, at)).version;
}

/** Where the list is kept, and who is told. */
export interface Where {
  cache: string;
  signal: AbortSignal;
  log: (line: string) => void;
}

/**
 * Where the files of a version are.
 *
 * @param mirror the folder that holds `v6.x`, without a slash at its end
 */
export async function releaseOf(
  wanted: string,
  source: { mirror: string; releases: string },
  at: Where,
): Promise<Release> {
  const version = await exactVersion(wanted, source.releases, at);
  if (version.includes('-rc')) {
    // The mirror has no release candidates; the list says where git's web pages make them.
    const entry = (await readList(source.releases, at)).find((each) => each.version === version);
    if (!entry?.source)
      throw new Dock0Error(`kernel.source.version: ${version} is no longer in the list of releases`);
    return { version, tarball: entry.source, signature: undefined, checksums: undefined };
  }
  const folder = `${source.mirror.replace(/\/+$/, '')}/v${version.split('.')[0]}.x`;
  return {
    version,
    tarball: `${folder}/linux-${version}.tar.xz`,
    signature: `${folder}/linux-${version}.tar.sign`,
    checksums: `${folder}/sha256sums.asc`,
  };
}

/**
 * The tarball's SHA-256 in a file of checksums (`<hex>  <name>` a line, as sha256sum(1) writes it).
 *
 * @throws Dock0Error when the file does not name the tarball: there is no such version
 */
export function checksumIn(text: string, version: string): string {
  const sums = new Map<string, string>();
  for (const [, sum = '', name = ''] of text.matchAll(/^([0-9a-f]{64}) [ *]linux-(\S+)\.tar\.xz$/gm))
    sums.set(name, sum);
  const sum = sums.get(version);
  if (sum !== undefined) return sum;
  const line = version.split('.').slice(0, 2).join('.');
  const newest = [...sums.keys()]
    .filter((name) => name === line || name.startsWith(`${line}.`))
    .sort(byVersion)
    .at(-1);
  const near = newest ?? didYouMean(version, sums.keys());
  throw new Dock0Error(`kernel.source.version: there is no Linux ${version}`, {
    hint:
      near === undefined
        ? undefined
        : newest === undefined
          ? `Did you mean ${near}?`
          : `The newest of ${line} is ${near}.`,
  });
}

/**
 * The tarball's SHA-256 as the release's own file of checksums has it.
 *
 * @throws Dock0Error when there is no such version
 */
export async function checksumOf(
  version: string,
  checksums: string,
  source: { mirror: string; releases: string },
  work: Work,
): Promise<string> {
  const absent = (): Promise<Dock0Error> => noSuchVersion(version, source, work);
  const file = await fetchOnce(checksums, work, { to: join(work.tmp, 'checksums'), maxAge: 0, absent });
  return checksumIn(readFileSync(file, 'utf8'), version);
}

/** The error of a version whose files the mirror does not have. */
export async function noSuchVersion(
  version: string,
  source: { mirror: string; releases: string },
  at: Where,
): Promise<Dock0Error> {
  const list = await readList(source.releases, at).catch((error: unknown): Listed[] => {
    if (error instanceof Dock0Error) return [];
    throw error;
  });
  const newest = list.filter((each) => /^\d/.test(each.version));
  const shown = newest.map((each) => `${each.version} (${each.moniker})`).join(', ');
  return new Dock0Error(`kernel.source.version: ${source.mirror} has no Linux ${version}`, {
    hint: `${shown === '' ? 'Check the version.' : `There are ${shown}.`} Check kernel.source.mirror too.`,
  });
}

function byVersion(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}

async function listed(moniker: string, url: string, at: Where): Promise<Listed> {
  const releases = await readList(url, at);
  const entry = releases.find((each) => each.moniker === moniker);
  if (entry !== undefined) return entry;
  const has = [...new Set(releases.map((each) => each.moniker))].join(', ');
  throw new Dock0Error(`${url} has no ${moniker} release; it has ${has || 'none'}`);
}

async function readList(url: string, { cache, log, signal }: Where): Promise<Listed[]> {
  const id = createHash('sha256').update(url).digest('hex').slice(0, 8);
  const to = join(downloadsIn(cache), `releases-${id}.json`);
  const kept = statSync(to, { throwIfNoEntry: false });
  const context = {
    ...{ cache, log, signal },
    run: ((command, args, options) => run(command, args, { ...options, signal })) as Runner,
  };
  const read = (file: string): Listed[] => parseList(readFileSync(file, 'utf8'), url);
  try {
    return read(await fetchOnce(url, context, { to, maxAge: DAY, check: async (file) => void read(file) }));
  } catch (error) {
    if (kept === undefined || !(error instanceof Dock0Error)) throw error;
    log(`the list of releases is unavailable; using the one of ${kept.mtime.toISOString().slice(0, 10)}`);
    return read(to);
  }
}

/** @throws Dock0Error when it is no list of releases */
function parseList(text: string, url: string): Listed[] {
  try {
    const { releases } = JSON.parse(text) as { releases: Listed[] };
    return releases.map(({ moniker, version, source }) => ({ moniker, version, source }));
  } catch (error) {
    throw new Dock0Error(`${url}: not a list of kernel releases`, { cause: error });
  }
}

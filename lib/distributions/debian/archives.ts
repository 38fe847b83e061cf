import { createHash } from 'node:crypto';
import {
  closeSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { hashFile } from '../../engine/hash-index';
import { Dock0Error } from '../../error';
import { linkOrCopy } from '../../system/link-or-copy';
import { CommandError } from '../../system/process';
import type { ResolvedPackage } from '../package';
import { type Apt, archiveOf, problems } from './apt';
import { controlOf, readControls } from './controls';

export interface FetchContext {
  signal: AbortSignal;
  log: (line: string) => void;
  line?: (text: string, stream: 'stdout' | 'stderr') => void;
  progress?: (done: number, total: number, what?: string) => void;
}

/**
 * Brings package files into the archives folder; complete files are not fetched again, and an interrupted
 * download is resumed. When one source lacks a file, the next is tried. Each file's SHA-256 is checked against the
 * resolved package.
 *
 * @throws Dock0Error when no source has a file
 */
export async function fetchPackages(
  apt: Apt,
  packages: readonly ResolvedPackage[],
  context: FetchContext,
): Promise<void> {
  if (packages.some((each) => !isWhole(archiveOf(apt, each), each))) {
    await apt.ensureLists(context);
    await apt.alone(context.signal, async () => {
      const missing = packages.filter((each) => !isWhole(archiveOf(apt, each), each));
      if (missing.length === 0) return;
      const bytes = missing.reduce((sum, each) => sum + each.bytes, 0);
      context.log(`downloading ${missing.length} packages, ${Math.ceil(bytes / 1e6)} MB`);
      await download(apt, missing, context);
    });
  }
  await readControls(apt, packages, { signal: context.signal });
}

interface Pending {
  wanted: ResolvedPackage;
  urls: string[];
  to: string;
}

/** apt's own methods fetch the files, so the host's proxies, credentials and kinds of sources work. */
async function download(apt: Apt, missing: readonly ResolvedPackage[], context: FetchContext): Promise<void> {
  const sources = await sourcesOf(apt, context.signal);
  mkdirSync(join(apt.archives, 'partial'), { recursive: true });
  let pending = missing.map((wanted): Pending => {
    const own = sources.filter(({ repository }) => repository === wanted.repository);
    const addresses = [...new Set([...own, ...sources].map(({ address }) => address))];
    const archive = archiveOf(apt, wanted);
    return {
      wanted,
      urls: addresses.map((address) => `${address}${encodeURI(wanted.path)}`),
      to: join(apt.archives, 'partial', basename(archive)),
    };
  });
  let said = '';
  for (let at = 0; pending.length > 0; at++) {
    const asked = pending.filter(({ urls }) => at < urls.length);
    if (asked.length === 0) throw unobtainable(pending, said);
    said += await attempt(apt, asked, at, context);
    pending = pending.filter(({ wanted, to }) => {
      if (!isWhole(to, wanted)) return true;
      renameSync(to, archiveOf(apt, wanted));
      return false;
    });
  }
}

/** Asks every file's source number `at`; returns apt's errors. */
async function attempt(
  apt: Apt,
  asked: readonly Pending[],
  at: number,
  { signal, line, progress }: FetchContext,
): Promise<string> {
  const files = asked.flatMap(({ wanted, urls, to }) => [urls[at] as string, to, `SHA256:${wanted.sha256}`]);
  try {
    await apt.run('/usr/lib/apt/apt-helper', ['-o', 'APT::Status-Fd=1', 'download-file', ...files], {
      signal,
      onLine: (text, stream) => {
        const percent = /^dlstatus:\d+:([\d.]+):(.*)/.exec(text);
        if (percent === null) line?.(text, stream);
        else progress?.(Number(percent[1]), 100, 'downloading');
      },
    });
    return '';
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    // apt-helper would resume a file that failed its checksum.
    for (const { to } of asked) rmSync(`${to}.FAILED`, { force: true });
    return `${error.output}\n`;
  }
}

function unobtainable(pending: readonly Pending[], said: string): Dock0Error {
  const names = pending.map(({ wanted: { name, version } }) => `${name} ${version}`);
  const shown = names.length > 5 ? [...names.slice(0, 5), `${names.length - 5} more`] : names;
  return new Dock0Error(`no source has ${shown.join(', ')}\n${problems(said)}`, {
    hint: 'Check the network connection. When the mirror only has newer versions, `gulp update` moves to those.',
  });
}

/** The configured sources: which repository, and where its packages' paths begin. */
async function sourcesOf(apt: Apt, signal: AbortSignal): Promise<{ repository: string; address: string }[]> {
  const format = '$(CREATED_BY)\t$(SITE)\t$(RELEASE)\t$(COMPONENT)';
  const { stdout } = await apt.run('apt-get', ['indextargets', '--format', format], { signal });
  return stdout
    .split('\n')
    .map((row) => row.split('\t'))
    .filter(([kind]) => kind === 'Packages')
    .map(([, site = '', release = '', component = '']) => {
      // apt links to what a file: source has; a copy outlives it.
      const top = `${site.replace(/^file:/, 'copy:').replace(/\/+$/, '')}/`;
      // A flat source has a folder for a suite, and no components (sources.list(5)).
      const flat = release.endsWith('/');
      return {
        repository: flat ? release : `${release}/${component}`,
        address: flat ? `${top}${release.replace(/^(\.?\/)+/, '')}` : top,
      };
    });
}

/**
 * The newest build date of the packages, in seconds since the epoch: dpkg-deb writes the source's changelog date
 * (SOURCE_DATE_EPOCH) into the archive's first member header (deb(5), ar's 60-byte header with the time at 16).
 */
export function newestBuild(apt: Apt, packages: readonly ResolvedPackage[]): number {
  const header = Buffer.alloc(12);
  return packages.reduce((newest, each) => {
    const descriptor = openSync(archiveOf(apt, each), 'r');
    try {
      readSync(descriptor, header, 0, header.length, AR_MAGIC_BYTES + AR_TIME_OFFSET);
    } finally {
      closeSync(descriptor);
    }
    return Math.max(newest, Number(header.toString().trim()) || 0);
  }, 0);
}

/**
 * Makes a repository out of downloaded packages: a folder that apt can install from (sources.list(5), "flat"), with
 * exactly these packages in it.
 */
export function makeRepository(apt: Apt, packages: readonly ResolvedPackage[], folder: string): void {
  mkdirSync(folder, { recursive: true });
  const stanzas = packages.map((each) => {
    const name = `${each.name}_${each.sha256.slice(0, 16)}.deb`;
    linkOrCopy(archiveOf(apt, each), join(folder, name));
    return controlOf(apt, each).replace(/^Filename: .*$/m, `Filename: ./${name}`);
  });
  const index = stanzas.join('\n');
  const hash = createHash('sha256').update(index).digest('hex');
  const release = [
    `Suite: ${apt.codename}`,
    `Codename: ${apt.codename}`,
    `Architectures: ${apt.architecture}`,
    'Date: Thu, 01 Jan 1970 00:00:00 UTC',
    `SHA256:\n ${hash} ${Buffer.byteLength(index)} Packages`,
  ];
  writeFileSync(join(folder, 'Packages'), index);
  writeFileSync(join(folder, 'Release'), `${release.join('\n')}\n`);
}

const AR_MAGIC_BYTES = 8;
const AR_TIME_OFFSET = 16;

/** Hashed once in a run: each file is checked before and after downloading. */
const whole = new Set<string>();

function isWhole(file: string, { bytes, sha256 }: ResolvedPackage): boolean {
  const stats = statSync(file, { throwIfNoEntry: false });
  if (stats?.size !== bytes) return false;
  const key = `${sha256} ${stats.ino} ${stats.mtimeMs}`;
  if (whole.has(key)) return true;
  if (hashFile(file) !== sha256) return false;
  whole.add(key);
  return true;
}

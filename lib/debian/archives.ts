import { createHash } from 'node:crypto';
import {
  closeSync,
  copyFileSync,
  linkSync,
  mkdirSync,
  openSync,
  readSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { hashFile } from '../engine/hash-index';
import { Dock0Error } from '../error';
import { CommandError } from '../system/process';
import { type Apt, problems } from './apt';
import { controlOf, type DebianPackage } from './resolve';

export interface FetchContext {
  signal: AbortSignal;
  line: (text: string, stream: 'stdout' | 'stderr') => void;
  log: (line: string) => void;
  progress: (done: number, total: number, what?: string) => void;
}

/**
 * Brings package files into the archives folder; those that are there and whole are not fetched again, an unfinished
 * download goes on where it stopped. Each file's SHA-256 is compared with what the signed lists say.
 *
 * @param options.dependencies false when `packages` is not all that apt would install with them
 * @throws Dock0Error when a file can't be fetched
 */
export async function fetchPackages(
  apt: Apt,
  packages: DebianPackage[],
  context: FetchContext,
  { dependencies = true } = {},
): Promise<void> {
  let missing = packages.filter((each) => !isWhole(apt, each));
  if (missing.length === 0) return;
  await apt.alone(context.signal, async () => {
    missing = missing.filter((each) => !isWhole(apt, each));
    if (missing.length === 0) return;
    const bytes = missing.reduce((sum, each) => sum + each.bytes, 0);
    context.log(`downloading ${missing.length} packages, ${Math.ceil(bytes / 1e6)} MB`);
    for (const each of missing) rmSync(join(apt.archives, each.file), { force: true });
    const exact = packages.map(({ name, version }) => `${name}=${version}`);
    const verb = dependencies
      ? ['install', '--yes', '--download-only', '--no-install-recommends']
      : ['download'];
    try {
      await apt.run('apt-get', [...verb, '-o', 'APT::Status-Fd=1', '--', ...exact], {
        cwd: apt.archives,
        signal: context.signal,
        onLine: (line, stream) => {
          const percent = /^dlstatus:\d+:([\d.]+):(.*)/.exec(line);
          if (percent === null) context.line(line, stream);
          else context.progress(Number(percent[1]), 100, 'downloading');
        },
      });
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      throw new Dock0Error(`packages can't be downloaded\n${problems(error.output)}`, {
        hint: 'Is there a network? When the mirror has newer versions by now, `gulp update` fetches its lists.',
        cause: error,
      });
    }
  });
  const damaged = packages.filter((each) => !isWhole(apt, each));
  if (damaged.length === 0) return;
  throw new Dock0Error(
    `not what the signed package lists say: ${damaged.map(({ file }) => file).join(', ')}`,
    {
      hint: 'Build again to download them anew; if it stays, the mirror is damaged.',
    },
  );
}

/**
 * The newest build date of the packages, in seconds since the epoch: dpkg-deb writes the source's changelog date
 * (SOURCE_DATE_EPOCH) into the archive's first member header (deb(5), ar's 60-byte header with the time at 16).
 */
export function newestBuild(apt: Apt, packages: DebianPackage[]): number {
  const header = Buffer.alloc(12);
  return packages.reduce((newest, each) => {
    const descriptor = openSync(join(apt.archives, each.file), 'r');
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
export function makeRepository(apt: Apt, packages: DebianPackage[], folder: string): void {
  mkdirSync(folder, { recursive: true });
  const stanzas = packages.map((each) => {
    const name = `${each.name}_${each.sha256.slice(0, 16)}.deb`;
    const from = join(apt.archives, each.file);
    try {
      linkSync(from, join(folder, name));
    } catch {
      copyFileSync(from, join(folder, name));
    }
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

/** Hashed once in a run: the same file is asked for before and after downloading. */
const whole = new Set<string>();

function isWhole(apt: Apt, { file, bytes, sha256 }: DebianPackage): boolean {
  const path = join(apt.archives, file);
  if (whole.has(`${path} ${sha256}`)) return true;
  if (statSync(path, { throwIfNoEntry: false })?.size !== bytes || hashFile(path) !== sha256) return false;
  whole.add(`${path} ${sha256}`);
  return true;
}

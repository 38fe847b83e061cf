import { copyFile, mkdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { hashFile } from '../../engine/hash-index';
import { Dock0Error } from '../../error';
import { guard } from '../../system/guard';
import type { ResolvedPackage } from '../package';
import { buildDate, type PackageFile, packageInfo } from './description';
import { type FetchContext, fetchAll, type Wanted } from './fetch';
import { LOCAL, LOCAL_REPOSITORY, urlsOf } from './repositories';
import { isSignature, signaturesOf } from './signatures';
import type { PacmanState } from './state';

/** How many package files are read at a time. */
const READERS = 4;

/**
 * Brings package files and their signatures into the downloads folder; complete files are not fetched again.
 * Each file's SHA-256 is checked against the resolved package.
 *
 * @param local the user's own package files, which packages of the repository `local-packages` are copied from
 * @throws Dock0Error naming the packages that no mirror has
 */
export async function downloadPackages(
  state: PacmanState,
  packages: readonly ResolvedPackage[],
  local: readonly string[],
  context: FetchContext,
): Promise<void> {
  // With everything there, do not wait for the downloads of others.
  if (await areHere(state, packages)) return;
  const held = await guard(join(state.locks, 'pacman-downloads.lock'), {
    signal: context.signal,
    onWait: () => context.log('waiting for another build that downloads packages'),
  });
  try {
    const wanted: Wanted[] = [];
    for (const each of packages) {
      const to = downloadOf(state, each);
      if (each.repository === LOCAL) await copyLocal(each, local, to);
      else wanted.push(...(await wantedOf(state, each, to)));
    }
    if (wanted.length === 0) return;
    const bytes = wanted.reduce((sum, each) => sum + (each.bytes ?? 0), 0);
    context.log(
      `downloading ${wanted.filter(({ bytes }) => bytes !== undefined).length} packages, ${Math.ceil(bytes / 1e6)} MB`,
    );
    await fetchAll(wanted, context);
  } finally {
    await held.release();
  }
}

/** Reads the metadata of downloaded packages. */
export async function packageFiles(
  state: PacmanState,
  packages: readonly ResolvedPackage[],
  run: FetchContext['run'],
): Promise<Map<ResolvedPackage, PackageFile>> {
  const files = new Map<ResolvedPackage, PackageFile>();
  const queue = [...packages];
  const reader = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const path = downloadOf(state, next);
      files.set(next, { path, info: await packageInfo(path, run), sha256: next.sha256 });
    }
  };
  await Promise.all(Array.from({ length: READERS }, reader));
  return files;
}

/** Where a package's file is, or would be. */
export function downloadOf({ downloads }: PacmanState, { repository, path }: ResolvedPackage): string {
  return join(downloads, repository, path);
}

/** The newest build date among packages, in seconds since the epoch. */
export function newestBuild(files: ReadonlyMap<ResolvedPackage, PackageFile>): number {
  return Math.max(0, ...[...files.values()].map(({ info }) => buildDate(info)));
}

async function areHere(state: PacmanState, packages: readonly ResolvedPackage[]): Promise<boolean> {
  for (const each of packages) {
    const to = downloadOf(state, each);
    if (!(await isWhole(to, each))) return false;
    const repository = state.repositories.find(({ name }) => name === each.repository);
    const unsigned = repository === undefined || signaturesOf(repository.sigLevel) === 'never';
    if (!unsigned && (await sizeOf(`${to}.sig`)) === undefined) return false;
  }
  return true;
}

async function wantedOf(state: PacmanState, each: ResolvedPackage, to: string): Promise<Wanted[]> {
  const repository = state.repositories.find(({ name }) => name === each.repository);
  if (repository === undefined) {
    throw new Dock0Error(
      `${each.name} comes from the repository ${each.repository}, which is not configured`,
      {
        hint: 'Add it to pacman.repositories, or run `gulp update`.',
      },
    );
  }
  const name = each.path;
  const wanted: Wanted[] = [];
  const signatures = signaturesOf(repository.sigLevel);
  const urls = urlsOf(repository, each.name, name);
  if (!(await isWhole(to, each))) {
    // A signature belongs to one file and is replaced with it.
    for (const old of [to, `${to}.sig`]) await rm(old, { force: true });
    const check = async (file: string): Promise<string | undefined> =>
      (await isWhole(file, each)) ? undefined : 'wrong checksum';
    wanted.push({ name, urls, to, bytes: each.bytes, check });
  }
  if (signatures !== 'never' && (await sizeOf(`${to}.sig`)) === undefined) {
    const check = async (file: string): Promise<string | undefined> =>
      isSignature(file) ? undefined : 'not an OpenPGP signature';
    const signed = urls.map((url) => `${url}.sig`);
    const optional = signatures === 'optional';
    const absent = {
      message: `${each.name}: unsigned, but a signature is required`,
      hint: 'pacman.sig_level, or the sig_level of the repository, sets what is required.',
    };
    wanted.push({ name: `${name}.sig`, urls: signed, to: `${to}.sig`, check, optional, absent });
  }
  return wanted;
}

async function copyLocal(each: ResolvedPackage, local: readonly string[], to: string): Promise<void> {
  const from = local.find((file) => basename(file) === each.path);
  if (await isWhole(to, each)) return;
  if (from === undefined || !(await isWhole(from, each))) {
    throw new Dock0Error(`${LOCAL_REPOSITORY.name}: the package file ${each.path} has changed`, {
      hint: 'It is one of pacman.local_packages; build again.',
    });
  }
  await mkdir(dirname(to), { recursive: true });
  // The file last: when it is there, its signature is, and it is not one of another file.
  for (const suffix of ['.sig', '']) {
    await rm(`${to}${suffix}`, { force: true });
    if ((await sizeOf(`${from}${suffix}`)) === undefined) continue;
    await copyFile(`${from}${suffix}`, `${to}${suffix}.part`);
    await rename(`${to}${suffix}.part`, `${to}${suffix}`);
  }
}

/** Hashed once in a run: each file is checked before and after downloading. */
const whole = new Set<string>();

async function isWhole(path: string, { bytes, sha256 }: ResolvedPackage): Promise<boolean> {
  const stats = await stat(path).catch(() => undefined);
  const key = `${path} ${sha256} ${stats?.mtimeMs} ${stats?.ino}`;
  if (stats === undefined || stats.size !== bytes) return false;
  if (whole.has(key)) return true;
  if (hashFile(path) !== sha256) return false;
  whole.add(key);
  return true;
}

async function sizeOf(path: string): Promise<number | undefined> {
  return (await stat(path).catch(() => undefined))?.size;
}

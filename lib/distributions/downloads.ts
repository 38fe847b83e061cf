import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Entry } from '../engine/store/store';
import type { Manifest } from '../release/manifest';
import type { ReleaseRecord } from '../release/record';
import { archiveOf } from './debian/apt';
import { readLock } from './lock/lock-file';
import { unlocked } from './lock/locked';

/** What downloaded packages are kept for. */
export interface Users {
  releases: readonly ReleaseRecord[];
  /** The artifacts that stay. */
  entries: readonly Entry[];
  /** Lock files, or `none`. */
  locks: readonly string[];
}

interface Download {
  name: string;
  bytes: number;
  path: string;
}

/**
 * Package files that no kept release was made of and no lock names. Of kernels, which are also built without a
 * release, the newest one of each series stays.
 */
export function unusedPackages(cache: string, users: Users): Download[] {
  const used = new Set(
    [
      ...users.releases.flatMap(packagesOf),
      ...users.entries.flatMap(kernelPackagesOf),
      ...users.locks.flatMap(lockedPackages),
    ].flatMap(([name, version]) => stemsOf(name, version)),
  );
  const downloads = join(cache, 'downloads');
  const repositories = foldersIn(join(downloads, 'pacman')).map((name) => join('pacman', name));
  return ['debian', ...repositories].flatMap((folder) => {
    const files = namesIn(join(downloads, folder)).flatMap((name) => {
      const stem = stemOf(name);
      const path = join(downloads, folder, name);
      const { size, mtimeMs } = statSync(path);
      return stem === undefined ? [] : [{ name, stem, path, bytes: size, time: mtimeMs }];
    });
    const newest = new Map<string, string>();
    for (const { stem } of files.sort((a, b) => a.time - b.time)) {
      const series = kernelSeries(stem);
      if (series !== undefined) newest.set(series, stem);
    }
    const kept = new Set([...used, ...newest.values()]);
    return files
      .filter(({ stem }) => !kept.has(stem))
      .map(({ name, bytes, path }) => ({ name: `package ${name}`, bytes, path }));
  });
}

/** The file of a kernel's source as downloads are called: `linux-6.12.3`; undefined where it was no download. */
export function kernelSourceOf({ step, record }: Entry): string | undefined {
  const source = step === 'kernel' ? record.values.source : undefined;
  const { version, url } = (source ?? {}) as { version?: string; url?: string };
  if (url !== undefined) return basename(new URL(url).pathname).replace(/\.tar(\.\w+)?$/, '');
  return version === undefined ? undefined : `linux-${version}`;
}

type NameAndVersion = readonly [name: string, version: string];

function packagesOf({ folder }: ReleaseRecord): NameAndVersion[] {
  const manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as Manifest;
  return manifest.packages.map(({ name, version }) => [name, version]);
}

/** The packages a kernel was taken from or built from, which no manifest names; their record says `version sha256`. */
function kernelPackagesOf({ step, record: { values } }: Entry): NameAndVersion[] {
  if (step !== 'kernel') return [];
  const packages = Object.entries((values.packages ?? {}) as Record<string, string>);
  const source = (values.source ?? {}) as { debian?: string };
  return [
    ...packages.map(([name, said]): NameAndVersion => [name, said.split(' ')[0] ?? '']),
    ...(source.debian === undefined ? [] : [source.debian.split(' ') as [string, string]]),
  ];
}

function lockedPackages(lock: string): NameAndVersion[] {
  const images = lock === 'none' ? undefined : readLock(lock);
  return Object.values(images ?? {})
    .flatMap((image) => [image.root, image.kernel, image['kernel-source']])
    .flatMap((set) => (set === undefined ? [] : unlocked(set)))
    .map(({ name, version }) => [name, version]);
}

/** What a package's file is called by either distribution, less its architecture and ending. */
function stemsOf(name: string, version: string): (string | undefined)[] {
  return [
    stemOf(basename(archiveOf({ archives: '' }, { name, version, arch: 'all' }))),
    `${name}-${version}`,
  ];
}

function stemOf(file: string): string | undefined {
  return /^(.+)_[^_]+\.deb$/.exec(file)?.[1] ?? /^(.+)-[^-]+\.pkg\.tar\./.exec(file)?.[1];
}

/** `linux-source-6.1`, `linux-image--amd64`, `linux-lts`: a kernel's package, without what each build of it counts up. */
function kernelSeries(stem: string): string | undefined {
  if (!stem.startsWith('linux')) return undefined;
  const name = stem.includes('_') ? stem.split('_')[0] : stem.split('-').slice(0, -2).join('-');
  return name?.replace(/\d+\.\d+\.\d+[-+][a-z0-9]+/, '');
}

function foldersIn(folder: string): string[] {
  return namesIn(folder).filter((name) => statSync(join(folder, name)).isDirectory());
}

function namesIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

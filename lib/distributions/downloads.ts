import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Entry } from '../engine/store/store';
import type { Manifest } from '../release/manifest';
import type { ReleaseRecord } from '../release/record';
import { allDistributions } from '.';
import { packagesIn } from './lock/images';
import { readLock } from './lock/lock-file';

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
 * Package files that no kept release was made from and no lock names. Of kernels, which are also built without a
 * release, the newest of each series stays.
 */
export async function unusedPackages(cache: string, users: Users): Promise<Download[]> {
  const used = new Set(
    [
      ...users.releases.flatMap(packagesOf),
      ...users.entries.flatMap(kernelPackagesOf),
      ...users.locks.flatMap(lockedPackages),
    ].map(identity),
  );
  const all = await allDistributions();
  return all.flatMap(({ downloads: { folders, packageOf } }) =>
    folders(join(cache, 'downloads')).flatMap((folder) => {
      const files = readdirSync(folder).flatMap((name) => {
        const about = packageOf(name);
        if (about === undefined) return [];
        const path = join(folder, name);
        const { size, mtimeMs } = statSync(path);
        return [{ name, about, path, bytes: size, time: mtimeMs }];
      });
      const newest = new Map<string, string>();
      for (const { about } of files.sort((a, b) => a.time - b.time)) {
        const series = kernelSeries(about.name);
        if (series !== undefined) newest.set(series, identity(about));
      }
      const kept = new Set([...used, ...newest.values()]);
      return files
        .filter(({ about }) => !kept.has(identity(about)))
        .map(({ name, bytes, path }) => ({ name: `package ${name}`, bytes, path }));
    }),
  );
}

/** The name of a kernel's downloaded source, `linux-6.12.3`; undefined when it was not downloaded. */
export function kernelSourceOf({ step, record }: Entry): string | undefined {
  const source = step === 'kernel' ? record.values.source : undefined;
  const { version, url } = (source ?? {}) as { version?: string; url?: string };
  if (url !== undefined) return basename(new URL(url).pathname).replace(/\.tar(\.\w+)?$/, '');
  return version === undefined ? undefined : `linux-${version}`;
}

interface NameAndVersion {
  name: string;
  version: string;
}

function packagesOf({ folder }: ReleaseRecord): NameAndVersion[] {
  return (JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as Manifest).packages;
}

/** The packages a kernel was taken from or built from, which no manifest names; their record says `version sha256`. */
function kernelPackagesOf({ step, record: { values } }: Entry): NameAndVersion[] {
  if (step !== 'kernel') return [];
  const packages = Object.entries((values.packages ?? {}) as Record<string, string>);
  const [name = '', version = ''] = ((values.source ?? {}) as { debian?: string }).debian?.split(' ') ?? [];
  return [
    ...packages.map(([name, said]) => ({ name, version: said.split(' ')[0] ?? '' })),
    { name, version },
  ];
}

function lockedPackages(lock: string): NameAndVersion[] {
  const images = lock === 'none' ? undefined : readLock(lock);
  return Object.values(images ?? {}).flatMap(packagesIn);
}

function identity({ name, version }: NameAndVersion): string {
  return `${name} ${version}`;
}

/** `linux-source-6.1`, `linux-image--amd64`, `linux-lts`: a kernel's package, without the number of the build. */
function kernelSeries(name: string): string | undefined {
  return name.startsWith('linux') ? name.replace(/\d+\.\d+\.\d+[-+][a-z0-9]+/, '') : undefined;
}

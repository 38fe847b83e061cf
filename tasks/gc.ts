import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { archiveOf } from '../lib/debian/apt';
import { garbage, removeLeftovers } from '../lib/engine/collect';
import { type KernelCacheEntry, kernelCacheEntries } from '../lib/kernel/cache';
import type { Manifest } from '../lib/release/manifest';
import { listRecords, type ReleaseRecord } from '../lib/release/record';
import { byteSize } from '../lib/report/format';
import { guard } from '../lib/system/guard';
import type { Session } from './session';

/** Of each kind of the kernel's trees and downloads, this many stay: enough to go back and forth between two kernels. */
const KEPT_KERNEL_ENTRIES = 2;

/** Something that can go. */
interface Doomed {
  name: string;
  bytes: number;
  remove: () => Promise<void>;
}

/**
 * Frees from the cache every artifact and downloaded package that no existing release was made of, all but the last
 * two kernel sources, object trees and downloads, and what killed builds left behind. Waits until no build uses the
 * cache.
 */
export async function gc({ cache, engine, flags, log }: Session): Promise<void> {
  const held = await guard(join(cache, 'store.lock'), {
    signal: engine.signal,
    onWait: () => log('waiting for a build to end'),
  });
  try {
    const releases = listRecords(cache);
    const roots = releases.flatMap(({ artifacts }) => artifacts);
    const doomed = [
      ...garbage(engine.store, { roots }).map(
        ({ entry }): Doomed => ({
          name: `${entry.step} ${entry.fingerprint.slice(0, 12)}`,
          bytes: entry.bytes,
          remove: () => engine.store.remove(entry),
        }),
      ),
      ...unusedKernelEntries(cache),
      ...unusedPackages(cache, releases),
    ];
    for (const { name, bytes, remove } of doomed) {
      log(`${flags.dryRun ? 'would remove' : 'removing'} ${name}, ${byteSize(bytes)}`);
      if (!flags.dryRun) await remove();
    }
    const leftovers = flags.dryRun ? 0 : await removeLeftovers(cache);
    const freed = doomed.reduce((sum, { bytes }) => sum + bytes, leftovers);
    log(
      `${flags.dryRun ? 'would free' : 'freed'} ${byteSize(freed)}; ${engine.store.list().length} artifacts stay`,
    );
  } finally {
    await held.release();
  }
}

function unusedKernelEntries(cache: string): Doomed[] {
  const kinds = new Map<string, KernelCacheEntry[]>();
  for (const entry of kernelCacheEntries(cache).sort((a, b) => b.used - a.used)) {
    const kind = entry.name.split(' ').slice(0, -1).join(' ');
    kinds.set(kind, [...(kinds.get(kind) ?? []), entry]);
  }
  return [...kinds.values()]
    .flatMap((entries) => entries.slice(KEPT_KERNEL_ENTRIES))
    .map(({ name, bytes, paths, lock }) => ({
      name,
      bytes,
      remove: async () => {
        const held = lock === undefined ? undefined : await guard(lock);
        for (const path of paths) await rm(path, { recursive: true, force: true });
        await held?.release();
      },
    }));
}

/** Package files that are in no kept release; kernels', which no manifest names, stay. */
function unusedPackages(cache: string, releases: ReleaseRecord[]): Doomed[] {
  const used = new Set(releases.flatMap(packageFiles));
  const downloads = join(cache, 'downloads');
  const repositories = foldersIn(join(downloads, 'pacman')).map((name) => join('pacman', name));
  return ['debian', ...repositories].flatMap((folder) =>
    namesIn(join(downloads, folder))
      .filter((name) => !name.startsWith('linux'))
      .filter((name) => {
        const [file] = /^.*(\.deb$|\.pkg\.tar(?=\.))/.exec(name) ?? [];
        return file !== undefined && !used.has(file);
      })
      .map((name) => ({
        name: `package ${name}`,
        bytes: statSync(join(downloads, folder, name)).size,
        remove: () => rm(join(downloads, folder, name), { force: true }),
      })),
  );
}

/** What a release's packages are called in the downloads, by either distribution; without the compression's ending. */
function packageFiles({ folder }: ReleaseRecord): string[] {
  const manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as Manifest;
  return manifest.packages.flatMap((each) => [
    basename(archiveOf({ archives: '' }, each)),
    `${each.name}-${each.version}-${each.arch}.pkg.tar`,
  ]);
}

function foldersIn(folder: string): string[] {
  return namesIn(folder).filter((name) => statSync(join(folder, name)).isDirectory());
}

function namesIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

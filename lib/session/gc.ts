import { join } from 'node:path';
import { kernelSourceOf, unusedPackages } from '../distributions/downloads';
import { garbage, removeLeftovers, removeWhole } from '../engine/collect';
import type { Entry } from '../engine/store/store';
import { kernelCacheEntries } from '../kernel/cache';
import { listRecords } from '../release/record';
import { byteSize } from '../report/format';
import { guard } from '../system/guard';
import type { Session } from './task';

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
 * two kernel sources, object trees and downloads, and what killed builds left behind. What the lock file names stays
 * too. Waits until no build uses the cache.
 */
export async function collectGarbage({ base, builds, cache, engine, flags, log }: Session): Promise<void> {
  const held = await guard(join(cache, 'store.lock'), {
    signal: engine.signal(),
    onWait: () => log('waiting for a build to end'),
  });
  try {
    const releases = listRecords(cache);
    const roots = releases.flatMap(({ artifacts }) => artifacts);
    const unused = garbage(engine.store, { roots }).map(({ entry }) => entry);
    const gone = new Set(unused.map(({ fingerprint }) => fingerprint));
    const kept = engine.store.list().flatMap(({ entry }) => (gone.has(entry.fingerprint) ? [] : [entry]));
    const locks = new Set([base, ...builds.map(({ context }) => context.config)].map(({ lock }) => lock));
    const packages = await unusedPackages(cache, { releases, entries: kept, locks: [...locks] });
    const doomed = [
      ...unused.map(
        (entry): Doomed => ({
          name: `${entry.step} ${entry.fingerprint.slice(0, 12)}`,
          bytes: entry.bytes,
          remove: () => engine.store.remove(entry),
        }),
      ),
      ...unusedKernelEntries(cache, kept),
      ...packages.map(({ path, ...rest }) => ({ ...rest, remove: () => removeWhole(path) })),
    ];
    const leftovers = flags.dryRun ? 0 : (await engine.store.sweep()) + (await removeLeftovers(cache));
    for (const { name, bytes, remove } of doomed) {
      log(`${flags.dryRun ? 'would remove' : 'removing'} ${name}, ${byteSize(bytes)}`);
      if (!flags.dryRun) await remove();
    }
    if (!flags.dryRun) await engine.store.sweep();
    const freed = doomed.reduce((sum, { bytes }) => sum + bytes, leftovers);
    log(
      `${flags.dryRun ? 'would free' : 'freed'} ${byteSize(freed)}; ${engine.store.list().length} artifacts stay`,
    );
  } finally {
    await held.release();
  }
}

/** All but the last few of each kind, and the downloads that kept kernels were made of. */
function unusedKernelEntries(cache: string, kept: Entry[]): Doomed[] {
  const used = kept.flatMap((entry) => kernelSourceOf(entry) ?? []);
  const seen = new Map<string, number>();
  return kernelCacheEntries(cache)
    .sort((a, b) => b.used - a.used)
    .filter(({ kind, name }) => {
      if (kind === 'leftover') return true;
      if (kind === 'download' && used.some((source) => name === `download ${source}`)) return false;
      seen.set(kind, (seen.get(kind) ?? 0) + 1);
      return (seen.get(kind) as number) > KEPT_KERNEL_ENTRIES;
    })
    .map(({ name, bytes, paths, lock }) => ({
      name,
      bytes,
      remove: async () => {
        const held = lock === undefined ? undefined : await guard(lock);
        try {
          for (const path of paths) await removeWhole(path);
        } finally {
          await held?.release();
        }
      },
    }));
}

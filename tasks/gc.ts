import { join } from 'node:path';
import { garbage, removeLeftovers } from '../lib/engine/collect';
import { listRecords } from '../lib/release/record';
import { byteSize } from '../lib/report/format';
import { guard } from '../lib/system/guard';
import type { Session } from './session';

/**
 * Frees from the cache every artifact that no existing release was made of, and what killed builds left behind.
 * Waits until no build uses the cache.
 */
export async function gc({ cache, engine, flags, log }: Session): Promise<void> {
  const held = await guard(join(cache, 'store.lock'), {
    signal: engine.signal,
    onWait: () => log('waiting for a build to end'),
  });
  try {
    const roots = listRecords(cache).flatMap(({ artifacts }) => artifacts);
    const doomed = garbage(engine.store, { roots });
    const bytes = doomed.reduce((sum, { entry }) => sum + entry.bytes, 0);
    for (const { entry } of doomed) {
      log(
        `${flags.dryRun ? 'would remove' : 'removing'} ${entry.step} ${entry.fingerprint.slice(0, 12)}, ${byteSize(entry.bytes)}`,
      );
      if (!flags.dryRun) await engine.store.remove(entry);
    }
    const rest = flags.dryRun ? 0 : await removeLeftovers(cache);
    log(
      `${flags.dryRun ? 'would free' : 'freed'} ${byteSize(bytes + rest)}; ${engine.store.list().length} artifacts are kept`,
    );
  } finally {
    await held.release();
  }
}

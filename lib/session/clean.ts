import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { treeBytes } from '../engine/collect';
import { byteSize } from '../report/format';
import { guard } from '../system/guard';
import type { Session } from './task';

/** Removes the output of the configuration's builds, its releases with it; the cache stays, so a build is quick. */
export async function removeOutput({ builds, flags, log, engine }: Session): Promise<void> {
  for (const { context } of builds) {
    const { output, cache } = context;
    if (!existsSync(output)) {
      log(`${output}: nothing there`);
      continue;
    }
    const bytes = treeBytes(output);
    if (flags.dryRun) {
      log(`would remove ${output}, ${byteSize(bytes)}`);
      continue;
    }
    const held = await guard(join(cache, 'store.lock'), {
      signal: engine.signal(),
      onWait: () => log('waiting for a build to end'),
    });
    try {
      await rm(output, { recursive: true, force: true });
    } finally {
      await held.release();
    }
    log(`removed ${output}: ${byteSize(bytes)} freed, minus files shared with the cache`);
  }
}

import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { originOf } from '../../lib/kernel/source/origin';
import { prepareTree } from '../../lib/kernel/source/tree';
import type { Workshop } from '../../lib/kernel/workshop';
import { sourceContext, type TestWork } from '../unit/kernel/support';
import { SHARED_CACHE } from './gulp';

/**
 * The source of Linux out of a package of Debian's, ready to be configured. It is unpacked once for all tests of a run;
 * objects are of this test alone.
 */
export async function linuxShop(work: TestWork, debian: string): Promise<Workshop> {
  const context = sourceContext({ ...work, cache: SHARED_CACHE }, { debian });
  const tree = await prepareTree(await originOf(context), [], context);
  const objects = join(work.root, debian, 'objects');
  mkdirSync(dirname(objects), { recursive: true });
  const how = { epoch: tree.epoch, launcher: 'none', jobs: 'auto', programs: [] } as const;
  return { tree, objects, ...how, cache: work.cache };
}

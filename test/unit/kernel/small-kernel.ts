import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BuiltKernel, buildKernel } from '../../../lib/kernel/build';
import { collectRequests } from '../../../lib/kernel/requests';
import type { Workshop } from '../../../lib/kernel/workshop';
import { smallSource, type TestWork, testWork } from './support';

/** A step's surroundings, a source whose make runs in milliseconds, and how to build it; all of it for each test. */
export function smallKernel() {
  let work: TestWork;
  let shop: Workshop;
  beforeEach(async () => {
    work = testWork();
    const path = await smallSource(work.root);
    const objects = join(work.cache, 'kernel/objects/small');
    mkdirSync(join(work.cache, 'kernel/objects'), { recursive: true });
    mkdirSync(join(work.root, 'out'));
    const tree = { path, key: 'small', epoch: 0 };
    const how = { epoch: 1_600_000_000, launcher: 'none', jobs: 2, programs: [], cache: work.cache };
    shop = { tree, objects, ...how };
  });
  afterEach(() => work.remove());
  return {
    work: () => work,
    shop: () => shop,
    out: () => join(work.root, 'out'),
    build: (fragment = 'CONFIG_NET=y\n', accept = (): void => undefined): Promise<BuiltKernel> => {
      const requests = collectRequests([{ name: 'net.config', text: fragment }], {}, '-r1');
      const wanted = { base: { target: 'allnoconfig', presets: [] }, requests, accept };
      return buildKernel(shop, wanted, join(work.root, 'out'), work);
    },
    /** Replaces the script that stands for the compiler. */
    recipe: (text: string): void => writeFileSync(join(shop.tree.path, 'init/main.sh'), text),
  };
}

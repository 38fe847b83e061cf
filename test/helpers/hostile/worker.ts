import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { distributions } from '../../../lib/distributions';
import { dock0 } from '../../../tasks';
import { canaries, changedCanaries } from './canaries';
import { configure, hostileDistribution, makeSpecials, type Order, writeHostileProject } from './project';

/** What came of it. */
export interface Report {
  /** undefined when it was built. */
  error: { message: string; hint: string | undefined; stack: boolean } | undefined;
  changed: string[];
  canaries: number;
}

let current: Order;

/** Builds in this process what the parent process says: where a build hangs, the parent ends it. */
async function work(folder: string, outside: readonly string[]): Promise<void> {
  process.chdir(folder);
  const specials = join(folder, 'specials');
  await makeSpecials(specials);
  writeHostileProject(folder);
  distributions.busybox = async () => hostileDistribution(specials, () => current);
  process.stdout.write = () => true;
  const before = canaries(outside);
  process.on('message', (order: Order) => {
    build(folder, order).then((error) => {
      const report: Report = {
        error,
        changed: changedCanaries(before, canaries(outside)),
        canaries: before.size,
      };
      process.send?.(report);
    });
  });
  process.send?.('ready');
}

async function build(folder: string, order: Order): Promise<Report['error']> {
  current = order;
  configure(folder, order);
  // Only what no case changes is kept.
  for (const step of ['pacstrap', 'customize', 'host', 'squash-single', 'squash-packages', 'squash-custom'])
    rmSync(join(folder, 'cache/store', step), { recursive: true, force: true });
  mkdirSync(join(folder, 'build'), { recursive: true });
  const { install } = dock0({
    config: [join(folder, 'dock0.yaml')],
    hosts: ['tiny'],
    cache: join(folder, 'cache'),
    output: join(folder, 'build'),
    argv: [],
  });
  try {
    await install();
    return undefined;
  } catch (thrown) {
    const { message, hint, showStack } = thrown as Error & { hint?: string; showStack?: boolean };
    return { message: message.replaceAll(folder, ''), hint, stack: showStack !== false };
  }
}

const [folder = '', ...outside] = process.argv.slice(2);
void work(folder, outside);

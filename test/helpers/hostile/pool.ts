import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { layCanaries } from './canaries';
import type { Order } from './project';
import { type Case, NOTHING, singleCases, togetherCases, worstCases } from './things';
import type { Report } from './worker';

/** No build takes a tenth of it: one that does waits for something that never comes. */
const PATIENCE_MS = 20_000;

/** A build, and what came of it; without a report it did not end. */
export interface Built {
  label: string;
  report: Report | undefined;
}

/**
 * Builds each case, two at a time.
 *
 * @param share of the cases with one hostile thing, every so many is built; the worst and those with several always are
 * @param only the labels of the cases to build
 */
export async function buildHostile(folder: string, share: number, only = /./): Promise<Built[]> {
  const built: Built[] = [];
  let next = 0;
  const work = async (own: string): Promise<void> => {
    // Each has its own canaries: who changed one is known.
    const far = join(own, 'far');
    const near = join(own, 'work/near');
    for (const place of [far, near]) layCanaries(place);
    const singles = singleCases(far, 'near').filter((_, at) => at % share === 0);
    const orders = ordersFor([...togetherCases(far, 'near'), ...singles]).filter((each) =>
      only.test(labelOf(each)),
    );
    let worker = await start(join(own, 'work'), [far, near]);
    for (let order = orders[next++]; order !== undefined; order = orders[next++]) {
      const report = await told(worker, order);
      built.push({ label: labelOf(order), report });
      if (report !== undefined && report.changed.length === 0) continue;
      stop(worker);
      worker = await start(join(own, 'work'), [far, near]);
    }
    stop(worker);
  };
  await Promise.all(['one', 'two'].map((name) => work(join(folder, name))));
  return built;
}

/** Each case is built in another way than the one before it. */
function ordersFor(cases: readonly Case[]): Order[] {
  const ways = (['settings', 'programs'] as const).flatMap((way) =>
    [true, false].map((permit) => ({ way, permit })),
  );
  const nothing = { label: NOTHING, things: [] };
  const plain = ways.map((way, at) => ({ ...way, case: nothing, image: at % 2 === 1 }));
  const worst = worstCases().flatMap((each) =>
    ways.slice(-2).map((way) => ({ ...way, case: each, image: false })),
  );
  const hostile = cases.map((each, at) => ({
    ...(ways[at % ways.length] as (typeof ways)[0]),
    case: each,
    image: at % 9 === 0,
  }));
  return [...plain, ...worst, ...hostile];
}

function labelOf({ case: { label }, way, permit, image }: Order): string {
  return `${label} (${[way, permit ? 'permissions' : '', image ? 'image' : ''].filter(Boolean).join(', ')})`;
}

// What a build may hurt of this machine is a copy that only the worker and its children see. A constant script.
const OWN = `
set -e
folder=$1
shift
rm -rf "$folder/machine"
mkdir -p "$folder/machine"
cp -a /etc "$folder/machine/etc"
mount --bind "$folder/machine/etc" /etc
for node in null zero full random urandom tty; do
  cp -a "/dev/$node" "$folder/machine/$node"
  mount --bind "$folder/machine/$node" "/dev/$node"
done
exec "$@"
`;

async function start(folder: string, outside: readonly string[]): Promise<ChildProcess> {
  mkdirSync(folder, { recursive: true });
  const alone = ['--mount', '--propagation', 'private', '--', 'sh', '-c', OWN, 'sh', folder];
  const node = [
    process.execPath,
    '-r',
    'sucrase/register/ts',
    join(__dirname, 'worker.ts'),
    folder,
    ...outside,
  ];
  const worker = spawn('unshare', [...alone, ...node], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  if ((await answer(worker)) !== 'ready') throw new Error('the worker does not start');
  return worker;
}

async function told(worker: ChildProcess, order: Order): Promise<Report | undefined> {
  worker.send(order);
  return (await answer(worker)) as Report | undefined;
}

function answer(worker: ChildProcess): Promise<unknown> {
  return new Promise((done) => {
    const end = (said?: unknown): void => {
      clearTimeout(late);
      worker.off('message', end);
      worker.off('exit', gone);
      done(said);
    };
    const gone = (): void => end();
    const late = setTimeout(gone, PATIENCE_MS);
    worker.once('message', end);
    worker.once('exit', gone);
  });
}

/** What it started ends with it. */
function stop(worker: ChildProcess): void {
  worker.kill('SIGKILL');
}

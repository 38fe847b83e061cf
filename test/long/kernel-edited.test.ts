import { mkdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { expect } from 'chai';
import { baseOf } from '../../lib/kernel/base';
import { buildKernel } from '../../lib/kernel/build';
import { collectRequests } from '../../lib/kernel/requests';
import { originOf } from '../../lib/kernel/source/origin';
import { prepareTree, type SourceTree } from '../../lib/kernel/source/tree';
import type { Workshop } from '../../lib/kernel/workshop';
import { PROJECT, SHARED_CACHE, workFolder } from '../helpers/gulp';
import { digestOf, sourceContext, type TestWork, testWork } from '../unit/kernel/support';

const OPTIONS = { '64BIT': 'y', MODULES: 'y', CRC7: 'm', PRINTK: 'y', TTY: 'y', KERNEL_GZIP: 'y' };
const REQUESTS = collectRequests([], OPTIONS, '-test');

/** Too small for the tools that make itself compiles, for some objects, and for the kernel. */
const SIZES = ['1m', '20m', '60m'];

/** Runs a command on a disk that grows each time it was too small. The disk is seen by that command alone. */
const GROWING = `
disk=$1 sizes=$2; shift 2
mount -t tmpfs -o size=4k tmpfs "$disk" || exit 9
for size in $sizes 2g; do
  mount -o remount,size="$size" "$disk" && echo "$size: $("$@")"
done`;

/** Linux itself in a folder that belongs to its user; compiled once, and once more out of ccache. */
describe('Linux in a folder, edited', function () {
  this.timeout(1_800_000);
  const folder = workFolder();
  let work: TestWork;
  let tree: SourceTree;
  let first: string;

  before(async () => {
    work = testWork(folder.path('cache'));
    const shared = sourceContext({ ...work, cache: SHARED_CACHE }, { debian: 'linux-source-6.1' });
    const { path } = await prepareTree(await originOf(shared), [], shared);
    const directory = folder.path('linux');
    // Its files are those of the shared cache until they are edited, which puts others in their place.
    await work.run('cp', ['--archive', '--link', path, directory]);
    const context = sourceContext(work, { directory });
    tree = await prepareTree(await originOf(context), [], context);
  });
  after(() => work.remove());

  const shopIn = (name: string): Workshop => {
    const objects = folder.path(`${name}/objects`);
    mkdirSync(dirname(objects), { recursive: true });
    return {
      tree,
      objects,
      epoch: 1_600_000_000,
      launcher: 'auto',
      jobs: 'auto',
      programs: [],
      cache: work.cache,
    };
  };
  const build = async (): Promise<string> => {
    const out = folder.path('out');
    rmSync(out, { recursive: true, force: true });
    mkdirSync(out);
    work.renew();
    const wanted = { base: baseOf('tiny'), requests: REQUESTS, accept: () => undefined };
    await buildKernel(shopIn('roomy'), wanted, out, work);
    return digestOf(out);
  };
  const made = (object: string): number => statSync(folder.path(`roomy/objects/${object}`)).mtimeMs;

  it('on a full disk says so, and goes on with every byte more to the same kernel', async () => {
    const shop = shopIn('full');
    const out = folder.path('full-out');
    mkdirSync(out);
    work.renew();
    const program = inNode(shop, out, work);
    const words = [dirname(shop.objects), SIZES.join(' '), process.execPath, '-e', program];
    const { stdout } = await work.run('unshare', ['--mount', '--', 'sh', '-c', GROWING, 'sh', ...words], {
      cwd: PROJECT,
    });
    const said = stdout.split('\n');
    expect(said, stdout).to.deep.equal([
      ...SIZES.map((size) => `${size}: no space left on the disk`),
      '2g: built',
    ]);
    first = digestOf(out);
  });

  it('is the same kernel in an object tree of its own', async () => {
    expect(await build()).to.equal(first);
  });

  it('compiles what was edited and nothing else', async () => {
    const before = { crc7: made('lib/crc7.o'), string: made('lib/string.o') };
    const file = folder.path('linux/lib/crc7.c');
    edit(file, 'CRC7 calculations', 'CRC7 calculatioms');
    utimesSync(file, new Date(), new Date());
    expect(await build()).not.to.equal(first);
    expect(made('lib/crc7.o')).to.be.above(before.crc7);
    expect(made('lib/string.o')).to.equal(before.string);
  });

  it('is the first kernel again when the edit is taken back, though size and time are as they were', async () => {
    edit(folder.path('linux/lib/crc7.c'), 'CRC7 calculatioms', 'CRC7 calculations');
    expect(await build()).to.equal(first);
  });
});

/** Puts another file in the place of one, with the time of the first. */
function edit(file: string, from: string, to: string): void {
  const { mtime, size } = statSync(file);
  const text = readFileSync(file, 'utf8');
  expect(text).to.contain(from);
  rmSync(file);
  writeFileSync(file, text.replace(from, to));
  utimesSync(file, mtime, mtime);
  expect(statSync(file).size).to.equal(size);
}

/** A program for `node -e` that builds, and prints what came of it. */
function inNode(shop: Workshop, out: string, { cache, tmp }: TestWork): string {
  const json = JSON.stringify;
  return `
    require('sucrase/register/ts');
    const { buildKernel } = require('./lib/kernel/build');
    const { baseOf } = require('./lib/kernel/base');
    const { diskFullError } = require('./lib/system/disk-full');
    const { run } = require('./lib/system/process');
    const nothing = () => undefined;
    const signal = new AbortController().signal;
    const work = { ...${json({ cache, tmp })}, signal, log: nothing, line: nothing, progress: nothing, run };
    const wanted = { base: baseOf('tiny'), requests: new Map(${json([...REQUESTS])}), accept: nothing };
    buildKernel(${json(shop)}, wanted, ${json(out)}, work).then(
      () => console.log('built'),
      (error) => console.log(diskFullError(error, { cache: '', output: '' })?.message ?? error.stack),
    );
  `;
}

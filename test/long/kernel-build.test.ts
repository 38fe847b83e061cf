import { type ChildProcess, spawn } from 'node:child_process';
import {
  type Dirent,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import { baseOf } from '../../lib/kernel/base';
import { type BuiltKernel, buildKernel } from '../../lib/kernel/build';
import { collectRequests } from '../../lib/kernel/requests';
import { originOf } from '../../lib/kernel/source/origin';
import { prepareTree, type SourceTree } from '../../lib/kernel/source/tree';
import type { Workshop } from '../../lib/kernel/workshop';
import { SHARED_CACHE } from '../helpers/gulp';
import { leftovers } from '../helpers/leftovers';
import { age, digestOf, sourceContext, type TestWork, testWork } from '../unit/kernel/support';

/** The smallest kernel of 64 bits with a module: what is tested is kbuild, not drivers. */
const OPTIONS = {
  ...{ '64BIT': 'y', MODULES: 'y', CRC7: 'm', PRINTK: 'y', TTY: 'y', KERNEL_GZIP: 'y' },
  BLK_DEV_INITRD: 'y',
};

/** Linux itself, out of Debian's package; compiled three times, without ccache. */
describe('a kernel from the source of Linux', function () {
  this.timeout(1_800_000);
  /** In a folder with a blank, a colon, a comma and an umlaut. */
  let work: TestWork;
  /** A folder without. */
  let plain: string;
  let tree: SourceTree;
  /** The same source in the first folder. */
  let other: SourceTree;
  let first: { built: BuiltKernel; digest: string };

  before(async () => {
    work = testWork();
    plain = mkdtempSync(join(tmpdir(), 'dock0-kernel-'));
    // Sources are unpacked once for all runs of the tests; objects are of this run alone.
    const context = sourceContext({ ...work, cache: SHARED_CACHE }, { debian: 'linux-source-6.1' });
    tree = await prepareTree(await originOf(context), [], context);
    other = { ...tree, path: join(work.root, 'linux') };
    await work.run('cp', ['--archive', '--link', tree.path, other.path]);
    first = await build(shopIn('one'));
  });
  after(() => {
    work.remove();
    rmSync(plain, { recursive: true, force: true });
  });

  const shopIn = (name: string, root = plain, source = tree): Workshop => {
    const objects = join(root, name, 'objects');
    mkdirSync(dirname(objects), { recursive: true });
    return {
      tree: source,
      objects,
      epoch: tree.epoch,
      launcher: 'none',
      jobs: 'auto',
      programs: [],
      cache: work.cache,
    };
  };
  const wanted = (options: Record<string, string>): Parameters<typeof buildKernel>[1] => ({
    base: baseOf('tiny'),
    requests: collectRequests([], { ...OPTIONS, ...options }, '-test'),
    accept: () => undefined,
  });
  const build = async (
    shop: Workshop,
    options = {},
  ): Promise<{ built: BuiltKernel; digest: string; out: string }> => {
    const out = join(work.root, 'out');
    rmSync(out, { recursive: true, force: true });
    mkdirSync(out);
    work.renew();
    const built = await buildKernel(shop, wanted(options), out, work);
    return { built, digest: digestOf(out), out };
  };

  it('has the version of the source with the revision, and its modules apart', async () => {
    const { built } = first;
    expect(built.version).to.match(/^6\.1\.\d+-test$/);
    expect(built.modules).to.equal(true);
    const modules = join(work.root, 'out/modules/usr/lib/modules', built.version);
    expect(existsSync(join(modules, 'kernel/lib/crc7.ko'))).to.equal(true);
  });

  it('has its modules without what only debuggers read', async () => {
    const shop = shopIn('one');
    const sections = async (module: string): Promise<string> =>
      (await work.run('readelf', ['--sections', '--wide', module])).stdout;
    const compiled = join(shop.objects, 'lib/crc7.ko');
    await work.run('objcopy', ['--add-section', `.debug_info=${join(shop.objects, '.config')}`, compiled]);
    expect(await sections(compiled)).to.contain('.debug_info');
    const { built, out } = await build(shop);
    expect(await sections(compiled)).to.contain('.debug_info');
    const installed = join(out, 'modules/usr/lib/modules', built.version, 'kernel/lib/crc7.ko');
    expect(await sections(installed)).not.to.contain('.debug_info');
    rmSync(compiled);
  });

  it('has no link to the folders it was built in', async () => {
    const found = await work.run('find', [join(work.root, 'out'), '-type', 'l']);
    expect(found.stdout).to.equal('');
  });

  it('is incremental after a changed option, and the same bytes again after going back', async () => {
    const shop = shopIn('one');
    const object = join(shop.objects, 'mm/memory.o');
    const time = statSync(object).mtimeMs;
    const changed = await build(shop, { PRINTK_TIME: 'y' });
    expect(changed.digest).not.to.equal(first.digest);
    expect(statSync(object).mtimeMs).to.equal(time);
    expect((await build(shop)).digest).to.equal(first.digest);
  });

  it('has in it what an option names by its path on this machine', async () => {
    const shop = shopIn('one');
    writeFileSync(join(plain, 'hello'), 'hello from this machine');
    writeFileSync(join(plain, 'list'), `file /hello ${join(plain, 'hello')} 644 0 0\n`);
    await build(shop, { INITRAMFS_SOURCE: join(plain, 'list') });
    const archive = readFileSync(join(shop.objects, 'usr/initramfs_data.cpio'), 'utf8');
    expect(archive).to.contain('hello from this machine');
    await build(shop);
  });

  it('killed in the middle of make, twice, is resumed to the same bytes, in a folder of any name', async () => {
    const shop = shopIn('killed', work.root, other);
    const table = join(shop.objects, 'drivers/tty/vt/consolemap_deftbl.c');
    for (const reached of [() => countObjects(shop.objects) >= 40, () => existsSync(table)]) {
      const child = startBuild(shop, work, wanted({}).requests);
      try {
        await until(reached);
      } finally {
        child.kill('SIGKILL');
      }
      expect(await leftovers(shop.objects, work.cache)).to.deep.equal([]);
      truncateNewest(shop.objects, existsSync(table) ? [table] : []);
      age(shop.objects, 600);
    }
    const compiled = countObjects(shop.objects);
    const before = Date.now();
    const { digest } = await build(shop);
    expect(work.logged.join()).to.contain('resuming an interrupted build');
    expect(olderThan(shop.objects, before)).to.be.above(compiled / 2);
    expect(digest).to.equal(first.digest);
  });

  it('is not compiled again after its source and objects moved', async () => {
    const shop = shopIn('moved', work.root, other);
    renameSync(shopIn('one').objects, shop.objects);
    const compiled = countObjects(shop.objects);
    const before = Date.now();
    expect((await build(shop)).digest).to.equal(first.digest);
    expect(olderThan(shop.objects, before)).to.equal(compiled);
  });
});

function startBuild(shop: Workshop, work: TestWork, requests: object): ChildProcess {
  const program = `
    require('sucrase/register/ts');
    const { buildKernel } = require('./lib/kernel/build');
    const { run } = require('./lib/system/process');
    const nothing = () => undefined;
    const work = { cache: ${JSON.stringify(work.cache)}, tmp: ${JSON.stringify(work.tmp)}, signal: new AbortController().signal, log: nothing, line: nothing, progress: nothing, run };
    const { baseOf } = require('./lib/kernel/base');
    const base = baseOf('tiny');
    const requests = new Map(${JSON.stringify([...(requests as Map<string, unknown>)])});
    buildKernel(${JSON.stringify(shop)}, { base, requests, accept: nothing }, ${JSON.stringify(work.root)}, work);
  `;
  work.renew();
  return spawn(process.execPath, ['-e', program], { cwd: join(__dirname, '../..'), stdio: 'ignore' });
}

/** The compiled objects below a folder in which make is at work: what is gone meanwhile is passed over. */
function objectsIn(folder: string, below = ''): string[] {
  let entries: Dirent[];
  try {
    entries = readdirSync(join(folder, below), { withFileTypes: true });
  } catch {
    return [];
  }
  return entries.flatMap((entry) => {
    const path = join(below, entry.name);
    if (entry.isDirectory()) return objectsIn(folder, path);
    return /^(kernel|mm|fs|lib|arch|drivers)\/.*\.o$/.test(path) ? [path] : [];
  });
}

function countObjects(folder: string): number {
  return objectsIn(folder).length;
}

function olderThan(folder: string, time: number): number {
  return objectsIn(folder).filter((path) => statSync(join(folder, path)).mtimeMs < time).length;
}

/** What a make that is killed leaves: an object, and tables that kbuild has no record of, new and not whole. */
function truncateNewest(folder: string, tables: string[]): void {
  const newest = objectsIn(folder)
    .map((path) => join(folder, path))
    .sort((a, b) => statSync(a).mtimeMs - statSync(b).mtimeMs)
    .at(-1) as string;
  const { mtime } = statSync(newest);
  for (const path of [newest, ...tables]) {
    writeFileSync(path, readFileSync(path).subarray(0, 100));
    utimesSync(path, mtime, mtime);
  }
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await pause(100);
}

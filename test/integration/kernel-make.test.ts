import { type ChildProcess, spawn } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { expect } from 'chai';
import { Dock0Error } from '../../lib/error';
import { type BuiltKernel, buildKernel } from '../../lib/kernel/build';
import type { Workshop } from '../../lib/kernel/make';
import { collectRequests } from '../../lib/kernel/requests';
import { PROJECT } from '../helpers/gulp';
import { age, failure, smallSource, type TestWork, testWork } from '../unit/kernel/support';

/** A source with the kernel's targets whose make runs in milliseconds: what is around make is tested here. */
describe("making the kernel's objects", () => {
  let work: TestWork;
  let shop: Workshop;
  let out: string;

  beforeEach(async () => {
    work = testWork();
    const path = await smallSource(work.root);
    const objects = join(work.cache, 'kernel/objects/small');
    mkdirSync(join(work.cache, 'kernel/objects'), { recursive: true });
    shop = {
      tree: { path, key: 'small', epoch: 0 },
      objects,
      epoch: 1_600_000_000,
      launcher: 'none',
      jobs: 2,
      programs: [],
      cache: work.cache,
    };
    out = join(work.root, 'out');
    mkdirSync(out);
  });
  afterEach(() => work.remove());

  const build = (fragment = 'CONFIG_NET=y\n', accept = (): void => undefined): Promise<BuiltKernel> => {
    const requests = collectRequests([{ name: 'net.config', text: fragment }], {}, '-r1');
    return buildKernel(shop, { base: { target: 'allnoconfig', presets: [] }, requests, accept }, out, work);
  };
  const recipe = (text: string): void => writeFileSync(join(shop.tree.path, 'init/main.sh'), text);

  it('leaves the image and the configuration', async () => {
    const built = await build();
    expect(built).to.include({ version: '9.1.2', modules: false });
    expect(readdirSync(out).sort()).to.deep.equal(['config', 'vmlinuz']);
    expect(readFileSync(join(out, 'config'), 'utf8'))
      .to.contain('CONFIG_NET=y\n')
      .and.contain('CONFIG_LOCALVERSION="-r1"');
    expect(work.seen.map(({ what }) => what)).to.include('init');
  });

  it("tells make the time, and nothing of this machine's", async () => {
    const foreign = {
      ...{ KCFLAGS: '-O3', KCPPFLAGS: '-O3', HOSTCFLAGS: '-O3', MAKEFLAGS: '-k', ARCH: 'mips', LLVM: '1' },
      ...{ CPATH: '/mine', LIBRARY_PATH: '/mine', XZ_OPT: '-0', PAHOLE: 'mine', CCACHE_COMPILER: 'mine' },
    };
    Object.assign(process.env, foreign, { DISTCC_HOSTS: 'localhost/2' });
    recipe('env > init/env\n');
    try {
      await build();
    } finally {
      for (const name of [...Object.keys(foreign), 'DISTCC_HOSTS']) delete process.env[name];
    }
    const env = readFileSync(join(shop.objects, 'init/env'), 'utf8');
    expect(env)
      .to.contain('KBUILD_BUILD_USER=dock0\n')
      .and.contain('KBUILD_BUILD_HOST=dock0\n')
      .and.contain('KBUILD_BUILD_TIMESTAMP=Sun, 13 Sep 2020 12:26:40 GMT\n')
      .and.contain('DISTCC_HOSTS=localhost/2\n')
      .and.match(/^PATH=/m)
      .and.contain('KCFLAGS=-ffile-prefix-map=');
    expect(env).to.not.match(/mine|mips|-O3|^(LLVM|XZ_OPT)=|^MAKEFLAGS=k/m);
  });

  it('hides programs from the configuration that nothing asks for', async () => {
    recipe('echo "$MAKEFLAGS" > init/flags\n');
    const flags = (): string => readFileSync(join(shop.objects, 'init/flags'), 'utf8');
    await build();
    expect(flags()).to.contain('PAHOLE=no-pahole').and.contain('RUSTC=no-rustc');
    shop.programs = ['pahole'];
    work.renew();
    await build();
    expect(flags()).to.not.contain('PAHOLE=');
  });

  it("compiles nothing when an option can't be set or the kernel is refused", async () => {
    const error = await failure(() => build('CONFIG_NET=y\nCONFIG_BRIDGE=y\n'));
    expect(error.message).to.equal(
      "net.config:2: CONFIG_BRIDGE=y can't be set (it is n): needs STP (it is n)",
    );
    work.renew();
    const refused = await failure(() =>
      build('CONFIG_NET=y\n', () => {
        throw new Dock0Error('no squashfs');
      }),
    );
    expect(refused.message).to.equal('no squashfs');
    expect(existsSync(join(shop.objects, 'init'))).to.equal(false);
  });

  it("shows the failed object's own errors whole, and which object it was, not warnings of others", async () => {
    const rules = [
      'all: init/main.o',
      'init/main.o: init/other.o',
      '\t@echo "  CC      $@"',
      '\t@sh $(SRC)/init/main.sh',
    ];
    const other = [
      'init/other.o:',
      '\t@mkdir -p init',
      '\t@echo "  CC      $@"; echo "other.c:1: warning" >&2',
    ];
    writeFileSync(join(shop.tree.path, 'init/Makefile'), `${[...rules, ...other].join('\n')}\n`);
    recipe('for n in $(seq 60); do echo "main.c:$n: error: no such thing" >&2; done; exit 1\n');
    const error = await failure(() => build());
    expect(error.message).to.match(/^the kernel can't be compiled: init\/main\.o failed\n/);
    expect(error.message)
      .to.contain('main.c:1: error')
      .and.contain('main.c:60: error')
      .and.not.contain('make[1]')
      .and.not.contain('warning');
  });

  it('says how to get a header that the source needs', async () => {
    recipe('echo "tools/objtool/elf.h:10:10: fatal error: gelf.h: No such file or directory" >&2; exit 1\n');
    const error = await failure(() => build());
    expect(error).to.have.property('hint', '`gulp setup` installs the package that has gelf.h.');
  });

  it('remembers how many objects a whole kernel has, not how many were left after an interruption', async () => {
    const count = `${shop.objects}.count`;
    recipe('exit 1\n');
    await failure(() => build());
    recipe('echo right > init/main.o\n');
    work.renew();
    await build();
    expect(existsSync(count)).to.equal(false);
    rmSync(shop.objects, { recursive: true });
    work.renew();
    await build();
    expect(JSON.parse(readFileSync(count, 'utf8'))).to.deep.equal({ clean: 1 });
  });

  it('gives way to what else the machine does', async () => {
    recipe('nice > init/nice\n');
    const own = Number((await work.run('nice', [])).stdout);
    await build();
    expect(Number(readFileSync(join(shop.objects, 'init/nice'), 'utf8'))).to.equal(Math.min(own + 10, 19));
  });

  it('goes on after a build that failed', async () => {
    recipe('exit 1\n');
    await failure(() => build());
    recipe('echo right > init/main.o\n');
    work.renew();
    await build();
    expect(work.logged.join()).to.contain('resuming an interrupted build');
    work.renew();
    work.logged.length = 0;
    await build();
    expect(work.logged).to.deep.equal([]);
  });

  it('says a full disk, not a compiler, is the trouble', async () => {
    recipe('echo "init/main.o: write error: No space left on device" >&2; exit 1\n');
    const error = await failure(() => build());
    expect(error.message).not.to.contain("can't be compiled");
    expect(error.message).to.contain('No space left on device');
  });

  it('ends when the build is aborted, and so do all compilers', async () => {
    recipe('sleep 300 & sleep 300\n');
    const abort = new AbortController();
    work.signal = abort.signal;
    const ended = failure(() => build());
    await until(() => sleepersIn(shop.objects).length > 1);
    abort.abort(new Error('interrupted'));
    expect((await ended).message).to.equal('interrupted');
    await until(() => sleepersIn(shop.objects).length === 0);
  });

  it('leaves no process behind when this one is killed, and the next one goes on', async () => {
    recipe('sleep 300 & sleep 300\n');
    const child = startBuild(shop, join(work.root, 'child'));
    await until(() => sleepersIn(shop.objects).length > 1);
    child.kill('SIGKILL');
    await until(() => sleepersIn(shop.objects).length === 0);
    recipe('echo right > init/main.o\n');
    await build();
    expect(work.logged.join()).to.contain('going on from there');
  });

  it('makes anew what a killed make wrote last, however long ago that was', async () => {
    // As kbuild's outputmakefile: written by every call of make, before anything else.
    appendFileSync(join(shop.tree.path, 'Makefile'), 'allnoconfig: own\nown:\n\t@echo > $(O)/Makefile\n');
    const table = join(shop.objects, 'init/table.h');
    recipe('test -e init/table.h || echo half > init/table.h; sleep 300\n');
    const child = startBuild(shop, join(work.root, 'child'));
    await until(() => existsSync(table) && sleepersIn(shop.objects).length > 0);
    child.kill('SIGKILL');
    await until(() => sleepersIn(shop.objects).length === 0);
    age(shop.objects, 600);
    recipe('test -e init/table.h || echo whole > init/table.h; echo right > init/main.o\n');
    await build();
    expect(readFileSync(table, 'utf8')).to.equal('whole\n');
  });

  it('waits for another build of the same source, and says so', async () => {
    recipe('sleep 300\n');
    const child = startBuild(shop, join(work.root, 'child'));
    await until(() => sleepersIn(shop.objects).length > 0);
    recipe('echo right > init/main.o\n');
    const second = build();
    await until(() => work.logged.length > 0);
    expect(work.logged).to.deep.equal(['waiting for another build or menuconfig of this source']);
    child.kill('SIGKILL');
    expect((await second).version).to.equal('9.1.2');
  });

  it('edits the configuration on the terminal and gives what was answered, not what follows from it', async () => {
    const command = `${process.execPath} -e ${quoted(inNode(editing(shop, work)))}`;
    const { stdout } = await work.run('script', ['--quiet', '--return', '--command', command, '/dev/null'], {
      cwd: PROJECT,
    });
    expect(stdout).to.contain('the menu');
    expect(stdout).to.contain('["# CONFIG_NET is not set","CONFIG_STP=y"]');
  });

  it('edits nothing without a terminal', async () => {
    const { stdout } = await work.run(process.execPath, ['-e', inNode(editing(shop, work))], {
      cwd: PROJECT,
    });
    expect(stdout).to.contain('menuconfig needs a terminal');
  });
});

/** Builds in a process of its own. */
function startBuild(shop: Workshop, root: string): ChildProcess {
  mkdirSync(join(root, 'tmp'), { recursive: true });
  const wanted =
    "{ base: { target: 'allnoconfig', presets: [] }, requests: new Map(), accept: () => undefined }";
  const call = `build.buildKernel(${JSON.stringify(shop)}, ${wanted}, ${JSON.stringify(root)}, work);`;
  const program = inNode(surroundings(shop, join(root, 'tmp')) + call);
  return spawn(process.execPath, ['-e', program], { cwd: PROJECT, stdio: 'ignore' });
}

/** A program that edits the configuration in which NET is on, and prints the lines of the fragment. */
function editing(shop: Workshop, work: TestWork): string {
  const net = "['NET', { value: 'y', origin: 'x', optional: false }]";
  const wanted = `{ base: { target: 'allnoconfig', presets: [] }, requests: new Map([${net}]) }`;
  const call = `menu.editConfiguration(${JSON.stringify(shop)}, ${wanted}, work)`;
  return `${surroundings(shop, work.tmp)}${call}.then((lines) => console.log(JSON.stringify(lines)), (e) => console.log(e.message));`;
}

function surroundings(shop: Workshop, tmp: string): string {
  const at = JSON.stringify({ cache: shop.cache, tmp });
  return `const work = { ...${at}, signal: new AbortController().signal, log() {}, line() {}, progress() {}, run: processes.run };`;
}

/** A program for `node -e` that has the project's modules at hand. */
function inNode(program: string): string {
  const modules = {
    build: 'lib/kernel/build',
    menu: 'lib/kernel/menuconfig',
    processes: 'lib/system/process',
  };
  const loaded = Object.entries(modules).map(([name, path]) => `const ${name} = require('./${path}');`);
  return `require('sucrase/register/ts');${loaded.join('')}${program}`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** Processes called sleep that work in a folder. */
function sleepersIn(folder: string): string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      return (
        /^\d+$/.test(pid) &&
        readFileSync(`/proc/${pid}/comm`, 'utf8') === 'sleep\n' &&
        readlinkSync(`/proc/${pid}/cwd`) === folder
      );
    } catch {
      return false;
    }
  });
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await after(50);
}

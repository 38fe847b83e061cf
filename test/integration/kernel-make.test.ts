import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { Dock0Error } from '../../lib/error';
import { smallKernel } from '../unit/kernel/small-kernel';
import { failure } from '../unit/kernel/support';

/** What is around make, with a source whose make runs in milliseconds. */
describe("making the kernel's objects", () => {
  const at = smallKernel();

  it('leaves the image and the configuration', async () => {
    const built = await at.build();
    expect(built).to.include({ version: '9.1.2', modules: false });
    expect(readdirSync(at.out()).sort()).to.deep.equal(['config', 'vmlinuz']);
    expect(readFileSync(join(at.out(), 'config'), 'utf8'))
      .to.contain('CONFIG_NET=y\n')
      .and.contain('CONFIG_LOCALVERSION="-r1"');
    expect(at.work().seen.map(({ what }) => what)).to.include('init');
  });

  it("tells make the time, and nothing of this machine's", async () => {
    const foreign = {
      ...{ KCFLAGS: '-O3', KCPPFLAGS: '-O3', HOSTCFLAGS: '-O3', MAKEFLAGS: '-k', ARCH: 'mips', LLVM: '1' },
      ...{ CPATH: '/mine', LIBRARY_PATH: '/mine', XZ_OPT: '-0', PAHOLE: 'mine', CCACHE_COMPILER: 'mine' },
    };
    Object.assign(process.env, foreign, { DISTCC_HOSTS: 'localhost/2' });
    at.recipe('env > init/env\n');
    try {
      await at.build();
    } finally {
      for (const name of [...Object.keys(foreign), 'DISTCC_HOSTS']) delete process.env[name];
    }
    const env = readFileSync(join(at.shop().objects, 'init/env'), 'utf8');
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
    at.recipe('echo "$MAKEFLAGS" > init/flags\n');
    const flags = (): string => readFileSync(join(at.shop().objects, 'init/flags'), 'utf8');
    await at.build();
    expect(flags()).to.contain('PAHOLE=no-pahole').and.contain('RUSTC=no-rustc');
    at.shop().programs = ['pahole'];
    at.work().renew();
    await at.build();
    expect(flags()).to.not.contain('PAHOLE=');
  });

  it("compiles nothing when an option can't be set or the kernel is refused", async () => {
    const error = await failure(() => at.build('CONFIG_NET=y\nCONFIG_BRIDGE=y\n'));
    expect(error.message).to.equal(
      "net.config:2: CONFIG_BRIDGE=y can't be set (it is n): needs STP (it is n)",
    );
    at.work().renew();
    const refused = await failure(() =>
      at.build('CONFIG_NET=y\n', () => {
        throw new Dock0Error('no squashfs');
      }),
    );
    expect(refused.message).to.equal('no squashfs');
    expect(existsSync(join(at.shop().objects, 'init'))).to.equal(false);
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
    writeFileSync(join(at.shop().tree.path, 'init/Makefile'), `${[...rules, ...other].join('\n')}\n`);
    at.recipe('for n in $(seq 60); do echo "main.c:$n: error: no such thing" >&2; done; exit 1\n');
    const error = await failure(() => at.build());
    expect(error.message).to.match(/^the kernel can't be compiled: init\/main\.o failed\n/);
    expect(error.message)
      .to.contain('main.c:1: error')
      .and.contain('main.c:60: error')
      .and.not.contain('make[1]')
      .and.not.contain('warning');
  });

  it("names the user's own folders wherever make names a file", async () => {
    const { tree, objects } = at.shop();
    at.recipe('echo "$SRC/init/main.c:1: error: see $PWD/x.h" >&2; exit 1\n');
    const error = await failure(() => at.build());
    expect(error.message).to.contain(`\n    ${tree.path}/init/main.c:1: error: see ${objects}/x.h`);
    writeFileSync(join(tree.path, 'Makefile'), 'allnoconfig:\n\t@ls $(KCONFIG_CONFIG)\n');
    at.work().renew();
    const configuring = await failure(() => at.build());
    expect(configuring.message)
      .to.match(/^make allnoconfig: exit code 2\n/)
      .and.contain(join(at.work().tmp, 'kconfig'));
  });

  it('says how to install a header that the source needs', async () => {
    at.recipe(
      'echo "tools/objtool/elf.h:10:10: fatal error: gelf.h: No such file or directory" >&2; exit 1\n',
    );
    const error = await failure(() => at.build());
    expect(error).to.have.property('hint', '`gulp setup` installs the package that has gelf.h.');
  });

  it('takes from ccache what was compiled before source and cache moved', async () => {
    const shop = at.shop();
    shop.launcher = 'ccache';
    writeFileSync(join(shop.tree.path, 'init/x.c'), '#include "x.h"\n');
    writeFileSync(join(shop.tree.path, 'init/x.h'), 'const char *file = __FILE__;\n');
    const compile = '$CC -g $KCFLAGS -I$SRC/init -c $SRC/init/x.c -o init/main.o';
    at.recipe(`${compile} && ccache --print-stats > init/stats\n`);
    const hits = (): string | undefined =>
      /^direct_cache_hit\t(\d+)$/m.exec(readFileSync(join(shop.objects, 'init/stats'), 'utf8'))?.[1];
    await at.build();
    expect(hits()).to.equal('0');
    const [path, cache] = ['source', 'cache'].map((name) => join(at.work().root, `moved ${name}`)) as [
      string,
      string,
    ];
    renameSync(shop.tree.path, path);
    renameSync(shop.cache, cache);
    Object.assign(shop, {
      tree: { ...shop.tree, path },
      cache,
      objects: join(cache, 'kernel/objects/small'),
    });
    rmSync(shop.objects, { recursive: true });
    at.work().renew();
    await at.build();
    expect(hits()).to.equal('1');
  });

  it('runs with low priority', async () => {
    at.recipe('nice > init/nice\n');
    const own = Number((await at.work().run('nice', [])).stdout);
    await at.build();
    expect(Number(readFileSync(join(at.shop().objects, 'init/nice'), 'utf8'))).to.equal(
      Math.min(own + 10, 19),
    );
  });

  it('names a full disk, not a compiler, as the cause', async () => {
    at.recipe('echo "init/main.o: write error: No space left on device" >&2; exit 1\n');
    const error = await failure(() => at.build());
    expect(error.message).not.to.contain("can't be compiled");
    expect(error.message).to.contain('No space left on device');
  });
});

import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { type Base, baseOf, readConfig, strangers } from '../../../lib/kernel/base';
import { kernelCacheEntries } from '../../../lib/kernel/cache';
import { parseKconfig } from '../../../lib/kernel/kconfig';
import { launcherEnvironment, launcherOf } from '../../../lib/kernel/launcher';
import { saveFragment } from '../../../lib/kernel/menuconfig';
import { failedHunks, listPatches } from '../../../lib/kernel/patches';
import { allowedPrograms, programsOf, requirePrograms } from '../../../lib/kernel/programs';
import { openMeter } from '../../../lib/kernel/progress';
import { collectRequests, type Requests } from '../../../lib/kernel/requests';
import { checksumIn } from '../../../lib/kernel/source/releases';
import { failure } from './support';

describe('the parts of a kernel build', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'dock0-kernel-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const file = (name: string, text: string | Buffer = '', mode = 0o644): string => {
    writeFileSync(join(folder, name), text, { mode });
    return join(folder, name);
  };

  describe('base', () => {
    it("is a target of the kernel's make, or a file, compressed or not", () => {
      expect(baseOf('tiny')).to.include({ target: 'allnoconfig' });
      expect(baseOf('def')).to.deep.equal({ target: 'defconfig', presets: [] });
      expect(readConfig(file('plain', 'CONFIG_A=y\n'))).to.equal('CONFIG_A=y\n');
      expect(readConfig(file('config.gz', gzipSync('CONFIG_A=y\n')))).to.equal('CONFIG_A=y\n');
    });

    it('that is absent or no configuration is refused by name', async () => {
      expect((await failure(() => baseOf('/no/such'))).message).to.equal('/no/such: no such file');
      expect((await failure(() => readConfig(file('text', 'hello\n')))).message).to.contain(
        'not a kernel configuration',
      );
    });

    it('of a distribution loses its keys, its signing and its debugging tables', () => {
      const base = parseKconfig(
        'CONFIG_SYSTEM_TRUSTED_KEYS="debian/certs.pem"\nCONFIG_SYSTEM_REVOCATION_KEYS="there.pem"\nCONFIG_MODULE_SIG=y\nCONFIG_DEBUG_INFO_BTF=y\n# CONFIG_DEBUG_INFO_NONE is not set\nCONFIG_NET=y\n',
      );
      expect([...strangers(base, (path) => path === 'there.pem')]).to.deep.equal([
        ['SYSTEM_TRUSTED_KEYS', '""'],
        ['MODULE_SIG', 'n'],
        ['DEBUG_INFO_BTF', 'n'],
        ['DEBUG_INFO_NONE', 'y'],
      ]);
      expect(strangers(parseKconfig('CONFIG_NET=y\n'), () => false).size).to.equal(0);
    });
  });

  describe('base, with modules that its builder signed,', () => {
    const base = parseKconfig(
      'CONFIG_MODULE_SIG=y\nCONFIG_MODULE_SIG_ALL=y\nCONFIG_MODULE_SIG_KEY="certs/signing_key.pem"\nCONFIG_SECURITY_LOCKDOWN_LSM=y\n',
    );

    it('loses the lock that would turn signing on again, and the key that is made anew each time', () => {
      expect(Object.fromEntries(strangers(base, () => false))).to.deep.equal({
        MODULE_SIG: 'n',
        MODULE_SIG_ALL: 'n',
        SECURITY_LOCKDOWN_LSM: 'n',
        MODULE_SIG_KEY: '""',
      });
    });

    it("keeps a key of the user's", () => {
      base.set('MODULE_SIG_KEY', '"/keys/mine.pem"');
      expect(strangers(base, () => false).has('MODULE_SIG_KEY')).to.equal(false);
    });
  });

  describe('programs', () => {
    const asked = (options: Record<string, string>): Requests => collectRequests([], options);
    const text = (lines: string): Base => ({ path: 'config', text: lines });

    it('that make a part of the kernel are those asked for, or those the base names', () => {
      expect(programsOf(baseOf('allno'), asked({ KERNEL_XZ: 'y' }))).to.deep.equal(['xz']);
      expect(programsOf(baseOf('allno'), asked({ KERNEL_XZ: 'y', MODULES: 'y' }))).to.deep.equal([
        'depmod',
        'xz',
      ]);
      const distribution = text('CONFIG_KERNEL_ZSTD=y\nCONFIG_MODULES=y\nCONFIG_MODULE_COMPRESS_XZ=y\n');
      expect(programsOf(distribution, asked({}))).to.deep.equal(['depmod', 'xz', 'zstd']);
      expect(programsOf(distribution, asked({ KERNEL_GZIP: 'y', MODULES: 'n' }))).to.deep.equal([
        'gzip',
        'xz',
      ]);
    });

    it("are all that could, where the kernel's own make decides", () => {
      expect(programsOf(baseOf('def'), asked({}))).to.include.members(['depmod', 'gzip', 'xz', 'zstd']);
      expect(programsOf(baseOf('allno'), asked({}))).to.include.members(['gzip', 'xz', 'zstd']);
      expect(programsOf(text('CONFIG_NET=y\n'), asked({}))).to.include.members(['gzip', 'xz', 'zstd']);
    });

    it('are seen by the configuration only where an option asks for them', () => {
      expect(allowedPrograms(asked({ DEBUG_INFO_BTF: 'y', RUST: 'n' }))).to.deep.equal(['pahole']);
      expect(allowedPrograms(asked({}))).to.deep.equal([]);
    });

    it('that this machine lacks are named with the option that takes them', () => {
      const path = process.env.PATH;
      process.env.PATH = folder;
      try {
        expect(() => requirePrograms(parseKconfig('CONFIG_DEBUG_INFO_BTF=y\nCONFIG_NET=y\n'))).to.throw(
          'CONFIG_DEBUG_INFO_BTF=y: pahole is not installed',
        );
      } finally {
        process.env.PATH = path;
      }
      expect(() => requirePrograms(parseKconfig('CONFIG_KERNEL_XZ=y\nCONFIG_MODULES=y\n'))).to.not.throw();
    });
  });

  describe('progress', () => {
    it('counts objects and tells the folder; what else make prints does not count', () => {
      const meter = openMeter(join(folder, 'count'), true, 1000);
      expect(meter.see('  CC      net/ipv4/tcp.o')).to.deep.equal({
        done: 1,
        total: 1750,
        folder: 'net/ipv4',
      });
      expect(meter.see('  AS [M]  arch/x86/crypto/aes.o')?.done).to.equal(2);
      expect(meter.see('  LD      vmlinux.o')).to.equal(undefined);
      expect(meter.see('  CC      /cache/tools/objtool/check.o')).to.equal(undefined);
    });

    it('knows the number from the last build of the source, for clean and changed ones apart', () => {
      const build = (clean: boolean, objects: number): number | undefined => {
        const meter = openMeter(join(folder, 'count'), clean, 1000);
        let total: number | undefined;
        for (let n = 0; n < objects; n++) {
          const at = meter.see(`  CC      a/${n}.o`);
          total ??= at?.total;
        }
        meter.finish();
        return total;
      };
      build(true, 40);
      build(false, 3);
      expect(build(true, 40)).to.equal(40);
      expect(build(false, 3)).to.equal(3);
    });

    it('does not say that all is done while there is more than was expected', () => {
      const meter = openMeter(join(folder, 'count'), false, 1000);
      const totals: (number | undefined)[] = [];
      for (let n = 1; n <= 2000; n++) totals.push(meter.see(`  CC      a/${n}.o`)?.total);
      expect(totals[0]).to.equal(88);
      expect(totals[88]).to.equal(1750);
      expect(totals[1999]).to.equal(2200);
    });
  });

  describe('patches', () => {
    it('are listed in name order; in a folder only diffs and programs are', () => {
      file('b.patch', 'diff', 0o755);
      file('a.sh', '#!/bin/sh\n', 0o755);
      file('README', 'text');
      file('.hidden.patch', 'diff');
      const name = folder.split('/').at(-1);
      expect(listPatches([folder]).map((patch) => [patch.name, patch.program])).to.deep.equal([
        [`${name}/a.sh`, true],
        [`${name}/b.patch`, false],
      ]);
      expect(listPatches([join(folder, 'b.patch')])[0]?.name).to.equal('b.patch');
    });

    it('that fail are told by file and hunk', () => {
      const said =
        'patching file init/main.c\nHunk #1 FAILED at 12.\n1 out of 2 hunks FAILED\npatching file mm/slub.c\nHunk #3 FAILED at 99.\n';
      expect(failedHunks(said)).to.equal('init/main.c, hunk 1 (line 12); mm/slub.c, hunk 3 (line 99)');
    });
  });

  describe('a list of checksums', () => {
    const list = `${'ab'.repeat(32)}  linux-6.12.9.tar.xz\n${'cd'.repeat(32)}  linux-6.12.10.tar.xz\n`;

    it('tells the one of a version', () => {
      expect(checksumIn(list, '6.12.9')).to.equal('ab'.repeat(32));
    });

    it('that does not have a version tells the newest of its line', async () => {
      const error = await failure(() => checksumIn(list, '6.12.99'));
      expect(String(error))
        .to.contain('there is no Linux 6.12.99')
        .and.contain('The newest of 6.12 is 6.12.10');
    });
  });

  describe('a saved fragment', () => {
    it('keeps what it held, but for the options that changed', () => {
      const path = file('kernel.config', '# mine\nCONFIG_A=y\nCONFIG_B=y\n\n');
      saveFragment(path, ['# CONFIG_B is not set', 'CONFIG_C=m']);
      expect(readFileSync(path, 'utf8')).to.equal('# mine\nCONFIG_A=y\n# CONFIG_B is not set\nCONFIG_C=m\n');
    });

    it('is made when there is none', () => {
      saveFragment(join(folder, 'new.config'), ['CONFIG_C=m']);
      expect(readFileSync(join(folder, 'new.config'), 'utf8')).to.equal('CONFIG_C=m\n');
    });
  });

  describe('the compiler', () => {
    it('is started by what the configuration says, or by nothing', () => {
      expect(launcherOf('distcc')).to.equal('distcc');
      expect(launcherOf('none')).to.equal(undefined);
    });

    it("is asked of a server of each make's own where the launcher has servers: others see other paths", async () => {
      const env = await Promise.all(
        ['/usr/bin/sccache', 'sccache', 'ccache'].map((launcher) => launcherEnvironment(launcher)),
      );
      const [one, two, none] = env.map(({ SCCACHE_SERVER_PORT }) => SCCACHE_SERVER_PORT);
      expect(one).to.match(/^\d+$/).and.not.equal(two);
      expect(none).to.equal(undefined);
    });
  });

  describe('the cache', () => {
    it('lists sources, object trees, downloads with their sizes and last use', () => {
      mkdirSync(join(folder, 'kernel/sources/aaaa/init'), { recursive: true });
      file('kernel/sources/aaaa/init/main.c', Buffer.alloc(100_000, 'x'));
      mkdirSync(join(folder, 'kernel/objects/bbbb-cc'), { recursive: true });
      file('kernel/objects/bbbb-cc.count', '{}');
      mkdirSync(join(folder, 'downloads/kernel'), { recursive: true });
      file('downloads/kernel/0123abcd-linux-6.1.2.tar.xz', 'x');
      utimesSync(join(folder, 'kernel/sources/aaaa'), 1000, 1000);
      const entries = kernelCacheEntries(folder);
      expect(entries.map(({ name }) => name)).to.deep.equal([
        'kernel source aaaa',
        'kernel objects bbbb-cc',
        'download linux-6.1.2',
      ]);
      expect(entries[0]?.bytes).to.be.at.least(100_000);
      expect(entries[0]?.used).to.equal(1_000_000);
      expect(entries[1]?.paths).to.include(join(folder, 'kernel/objects/bbbb-cc.count'));
      expect(kernelCacheEntries(join(folder, 'none'))).to.deep.equal([]);
    });
  });
});

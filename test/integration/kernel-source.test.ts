import { createHash } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { expect } from 'chai';
import { listPatches } from '../../lib/kernel/patches';
import { originOf } from '../../lib/kernel/source/origin';
import { prepareTree, type SourceTree } from '../../lib/kernel/source/tree';
import { withSandbox } from '../../lib/system/sandbox';
import { SHARED_CACHE } from '../helpers/gulp';
import {
  failure,
  fixtures,
  inTmpfs,
  smallSource,
  sourceContext,
  type TestWork,
  testWork,
} from '../unit/kernel/support';

const NAME = 'linux-9.1.2.tar.xz';
const TARBALL = readFileSync(join(fixtures, NAME));
const SHA256 = createHash('sha256').update(TARBALL).digest('hex');
const DEVELOPER = join(fixtures, 'developer.asc');
const STRANGER = join(fixtures, 'stranger.gpg');

describe("the kernel's source", () => {
  let work: TestWork;
  beforeEach(() => {
    work = testWork();
  });
  afterEach(() => work.remove());

  const prepare = async (source: Record<string, unknown>, patches: string[] = []): Promise<SourceTree> => {
    const context = sourceContext(work, source);
    return prepareTree(await originOf(context), listPatches(patches), context);
  };
  const unpacked = (): string[] => {
    const folder = join(work.cache, 'kernel/sources');
    return existsSync(folder) ? readdirSync(folder) : [];
  };

  it("is Debian's package as the build host's apt has it where the image is of another distribution", async () => {
    const context = sourceContext({ ...work, cache: SHARED_CACHE }, { debian: 'linux-source-6.1' });
    const host = await originOf(context);
    const mirror = ['http://127.0.0.1:1/$repo/os/$arch'];
    const arch = { ...context, config: { ...context.config, distribution: 'arch' as const, mirror } };
    expect((await originOf(arch)).values).to.deep.equal(host.values);
  });

  it('has to be stated, once', async () => {
    expect((await failure(() => prepare({}))).message).to.contain(
      'exactly one of version, url, file, directory, debian',
    );
    const twice = await failure(() => prepare({ file: '/x', debian: 'linux-source-6.1' }));
    expect(twice.message).to.contain('states file and debian');
  });

  describe('from a file', () => {
    const file = join(fixtures, NAME);

    it('is unpacked once, with the time of the archive', async () => {
      const tree = await prepare({ file, sha256: SHA256 });
      expect(readFileSync(join(tree.path, 'Makefile'), 'utf8')).to.contain('PATCHLEVEL = 1');
      expect(tree.epoch).to.equal(1600000000);
      const inode = statSync(join(tree.path, 'Makefile')).ino;
      const again = await prepare({ file, sha256: SHA256 });
      expect(again).to.deep.equal(tree);
      expect(statSync(join(again.path, 'Makefile')).ino).to.equal(inode);
      expect(unpacked()).to.deep.equal([tree.key]);
    });

    it('with another checksum is refused, and nothing is unpacked', async () => {
      const error = await failure(() => prepare({ file, sha256: 'ab'.repeat(32) }));
      expect(error.message).to.contain(`its SHA-256 is ${SHA256}, expected abab`);
      expect(unpacked()).to.deep.equal([]);
    });

    it('is accepted with a signature of the tar by a listed key', async () => {
      const signature = join(fixtures, 'linux-9.1.2.tar.sign');
      await prepare({ file, signature, keys: [STRANGER, DEVELOPER] });
      expect(work.logged.join('\n')).to.match(/is signed by [0-9A-F]{40}/);
    });

    it('is refused when the signature is by another key, of another file, or there is none', async () => {
      const signature = join(fixtures, 'linux-9.1.2.tar.sign');
      const stranger = await failure(() => prepare({ file, signature, keys: [STRANGER] }));
      expect(stranger.message).to.contain('which is not in kernel.source.keys');
      work.renew();
      const other = join(work.root, 'other.tar');
      writeFileSync(other, 'another tar');
      expect(
        (await failure(() => prepare({ file: other, signature, keys: [DEVELOPER] }))).message,
      ).to.contain('the signature does not match');
      work.renew();
      const none = await failure(() => prepare({ file, signature: DEVELOPER, keys: [DEVELOPER] }));
      expect(none.message).to.equal(`${NAME}: there is no signature in the signature file`);
      work.renew();
      expect((await failure(() => prepare({ file, signature }))).message).to.contain('names no key');
      expect(unpacked()).to.deep.equal([]);
    });

    it('is accepted with a signature of the compressed file, too', async () => {
      const { signature, key } = await signedBy('good', file, work);
      await prepare({ file, signature, keys: [key] });
      expect(unpacked()).to.have.length(1);
    });

    it('is refused when the key of the signature is revoked', async () => {
      const { signature, key } = await signedBy('revoked', file, work);
      const error = await failure(() => prepare({ file, signature, keys: [DEVELOPER, key] }));
      expect(error.message).to.match(
        /^linux-9\.1\.2\.tar\.xz: signed with the key [0-9A-F]{16}, which its owner revoked$/,
      );
      expect(String(error))
        .to.contain('Nothing was unpacked')
        .and.contain('Remove it from kernel.source.keys');
      expect(unpacked()).to.deep.equal([]);
    });

    it('is refused when the key of the signature is expired, with how to refresh it', async () => {
      const { signature, key } = await signedBy('expired', file, work);
      const error = await failure(() => prepare({ file, signature, keys: [DEVELOPER, key] }));
      expect(error.message).to.match(
        /signed with the key [0-9A-F]{16}, which is expired in kernel\.source\.keys$/,
      );
      expect(String(error)).to.contain('Nothing was unpacked').and.contain('gpg --refresh-keys');
      expect(unpacked()).to.deep.equal([]);
    });

    it('is refused when the signature itself is expired', async () => {
      const { signature, key } = await signedBy('good', file, work, [
        '--default-sig-expire',
        '1d',
        ...LONG_AGO,
      ]);
      const error = await failure(() => prepare({ file, signature, keys: [key] }));
      expect(error.message).to.match(/the signature by the key [0-9A-F]{16} is expired$/);
      expect(unpacked()).to.deep.equal([]);
    });

    it('that is damaged or no kernel leaves nothing behind', async () => {
      const damaged = join(work.root, 'damaged.tar.xz');
      writeFileSync(damaged, TARBALL.subarray(0, 400));
      expect((await failure(() => prepare({ file: damaged }))).message).to.contain(
        "damaged.tar.xz can't be unpacked",
      );
      const other = join(work.root, 'other.tar');
      await work.run('tar', ['--create', '--file', other, '--directory', fixtures, 'developer.asc']);
      expect((await failure(() => prepare({ file: other }))).message).to.contain(
        'no Linux source: there is no Makefile',
      );
      expect(unpacked()).to.deep.equal([]);
    });
  });

  describe('with patches', () => {
    const file = join(fixtures, NAME);
    let folder: string;
    beforeEach(() => {
      folder = join(work.root, 'patches');
      mkdirSync(folder);
    });
    const add = (name: string, text: string, mode = 0o644): void => {
      writeFileSync(join(folder, name), text);
      chmodSync(join(folder, name), mode);
    };
    const diff = (path: string, from: string, to: string): string =>
      `--- a/${path}\n+++ b/${path}\n@@ -1 +1 @@\n-${from}\n+${to}\n`;
    const FIRST = "# Stands in for the kernel's Makefile in tests: the same targets, and nothing to compile.";
    const head = (to: string): string =>
      `--- a/Makefile\n+++ b/Makefile\n@@ -1,4 +1,4 @@\n-${FIRST}\n+${to}\n VERSION = 9\n PATCHLEVEL = 1\n SUBLEVEL = 2\n`;

    it('has them applied in name order, diffs and programs', async () => {
      add('20-program', '#!/bin/sh\nhead -n1 Makefile > seen\n', 0o755);
      add('10-head.patch', head('# patched'));
      add('README', 'no patch');
      const tree = await prepare({ file }, [folder]);
      expect(readFileSync(join(tree.path, 'seen'), 'utf8')).to.equal('# patched\n');
      expect(tree.epoch).to.equal(1600000000);
    });

    it('is another tree than without, and than with other ones', async () => {
      add('10-head.patch', head('# one'));
      const one = await prepare({ file }, [folder]);
      add('10-head.patch', head('# two'));
      const two = await prepare({ file }, [folder]);
      const none = await prepare({ file });
      expect(new Set([one.key, two.key, none.key]).size).to.equal(3);
      expect(readFileSync(join(none.path, 'Makefile'), 'utf8')).to.contain('Stands in');
    });

    it('is refused as a whole when a hunk fails: patch, file and hunk are named', async () => {
      add('10-head.patch', head('# patched'));
      add('20-late.patch', diff('Kconfig', 'config NETWORK', 'config NETS'));
      const error = await failure(() => prepare({ file }, [folder]));
      expect(error.message).to.contain('patches/20-late.patch does not apply: Kconfig, hunk 1 (line 1)');
      expect(unpacked()).to.deep.equal([]);
    });

    it('names a file that is not there, a change that is there already, and a text that is no diff', async () => {
      add('10.patch', diff('absent.c', 'a', 'b'));
      expect((await failure(() => prepare({ file }, [folder]))).message).to.contain('there is no absent.c');
      add('10.patch', head('# patched'));
      add('20.patch', head('# patched'));
      expect((await failure(() => prepare({ file }, [folder]))).message).to.contain(
        '20.patch does not apply: Makefile',
      );
      add('20.patch', 'nothing\n');
      expect((await failure(() => prepare({ file }, [folder]))).message).to.contain(
        'it is not a unified diff',
      );
    });

    it('names a program that fails, with what it printed', async () => {
      add('10-fail', '#!/bin/sh\necho oh no >&2\nexit 3\n', 0o755);
      const error = await failure(() => prepare({ file }, [folder]));
      expect(error.message).to.contain('patches/10-fail failed with exit code 3').and.contain('oh no');
    });
  });

  describe('from a folder', () => {
    it('is used where it is, and copied only to be patched', async () => {
      const directory = await smallSource(work.root);
      expect((await prepare({ directory })).path).to.equal(directory);
      const program = join(work.root, 'touch');
      writeFileSync(program, '#!/bin/sh\ntouch changed\n', { mode: 0o755 });
      const patched = await prepare({ directory }, [program]);
      expect(existsSync(join(patched.path, 'changed'))).to.equal(true);
      expect(existsSync(join(directory, 'changed'))).to.equal(false);
    });

    it('keeps its name when a file in it changes', async () => {
      const directory = await smallSource(work.root);
      const { key } = await prepare({ directory });
      writeFileSync(join(directory, 'init/main.sh'), 'changed');
      expect((await prepare({ directory })).key).to.equal(key);
    });

    it('is another copy to be patched when its content changes, and only then', async () => {
      const directory = await smallSource(work.root);
      const program = join(work.root, 'touch');
      writeFileSync(program, '#!/bin/sh\ntouch changed\n', { mode: 0o755 });
      const { key } = await prepare({ directory }, [program]);
      utimesSync(join(directory, 'Makefile'), 0, 0);
      expect((await prepare({ directory }, [program])).key).to.equal(key);
      writeFileSync(join(directory, 'init/main.sh'), 'changed');
      expect((await prepare({ directory }, [program])).key).not.to.equal(key);
    });

    it('that was compiled in place, or is no source, is refused', async () => {
      const directory = await smallSource(work.root);
      writeFileSync(join(directory, '.config'), '');
      const error = await failure(() => prepare({ directory }));
      expect(error.message).to.contain('was compiled in place (it has .config)');
      expect((await failure(() => prepare({ directory: fixtures }))).message).to.contain('no Linux source');
      expect((await failure(() => prepare({ directory: '/no/such' }))).message).to.contain(
        '/no/such: no such folder',
      );
    });
  });

  it('is refused at once where the path has a space or a colon, which kbuild does not take', async () => {
    const file = join(fixtures, NAME);
    for (const name of ['a cache', 'a:cache']) {
      const cache = join(work.root, name);
      const context = sourceContext({ ...work, cache }, { file });
      const error = await failure(async () => prepareTree(await originOf(context), [], context));
      expect(error.message).to.contain(
        `the cache: ${cache}: Linux can't be compiled below a folder with a space`,
      );
      expect(String(error)).to.contain('--cache');
      expect(existsSync(join(cache, 'kernel'))).to.equal(false);
    }
    const directory = join(work.root, 'my source');
    renameSync(await smallSource(work.root), directory);
    const error = await failure(() => prepare({ directory }));
    expect(error.message).to.contain(`kernel.source.directory: ${directory}: Linux can't be compiled`);
    const program = join(work.root, 'touch');
    writeFileSync(program, '#!/bin/sh\ntouch changed\n', { mode: 0o755 });
    expect((await prepare({ directory }, [program])).path).to.contain(join(work.cache, 'kernel/sources'));
  });

  it('leaves nothing half-made on a full disk', async () => {
    const small = join(work.root, 'small');
    mkdirSync(join(work.root, 'big'));
    const tree = await smallSource(join(work.root, 'big'));
    writeFileSync(join(tree, 'filler'), Buffer.alloc(4 << 20, 'x'));
    cpSync(tree, join(work.root, 'big/copy'), { recursive: true });
    const file = join(work.root, 'big.tar');
    await work.run('tar', ['--create', '--file', file, '--directory', join(work.root, 'big'), 'linux-9.1.2']);
    mkdirSync(small);
    const error = await inTmpfs(work, small, '2m', async () => {
      const context = sourceContext({ ...work, cache: join(small, 'cache') }, { file });
      const thrown = await failure(async () => prepareTree(await originOf(context), [], context));
      expect(readdirSync(join(small, 'cache/kernel/sources'))).to.deep.equal([]);
      return thrown;
    });
    expect(error.message).to.contain('No space left on device');
  });
});

const LONG_AGO = ['--faked-system-time', '20200601T000000'];

/** A signature of a file by a key that is made for it: a good one, or one that was revoked or expired since. */
function signedBy(
  state: 'good' | 'revoked' | 'expired',
  file: string,
  work: TestWork,
  signing = LONG_AGO,
): Promise<{ signature: string; key: string }> {
  const home = join(work.root, `${state}-gnupg`);
  const signature = join(work.root, `${basename(file)}.sig`);
  const key = join(work.root, `${state}.gpg`);
  mkdirSync(home, { mode: 0o700 });
  // gpg leaves an agent behind, which ends with the sandbox.
  return withSandbox(work.run, async ({ run }) => {
    const gpg = (...args: string[]): Promise<unknown> =>
      run('gpg', [
        '--homedir',
        home,
        '--batch',
        '--quiet',
        '--pinentry-mode',
        'loopback',
        '--passphrase',
        '',
        ...args,
      ]);
    const expires = state === 'expired' ? '1y' : 'never';
    await gpg(
      '--faked-system-time',
      '20200101T000000',
      '--quick-generate-key',
      'someone',
      'ed25519',
      'sign',
      expires,
    );
    await gpg(...signing, '--output', signature, '--detach-sign', file);
    if (state === 'revoked') {
      const folder = join(home, 'openpgp-revocs.d');
      const certificate = join(folder, readdirSync(folder)[0] as string);
      // gpg puts a colon before the armor, so that it is not imported by accident.
      writeFileSync(certificate, readFileSync(certificate, 'utf8').replace(':-----BEGIN', '-----BEGIN'));
      await gpg('--import', certificate);
    }
    await gpg('--output', key, '--export');
    return { signature, key };
  });
}

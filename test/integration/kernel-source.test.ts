import { createHash } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import { listPatches } from '../../lib/kernel/patches';
import { originOf } from '../../lib/kernel/source/origin';
import { prepareTree, type SourceTree } from '../../lib/kernel/source/tree';
import {
  failure,
  fixtures,
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

  it('has to be stated, once', async () => {
    expect((await failure(() => prepare({}))).message).to.contain(
      'exactly one of version, url, file, directory, debian',
    );
    const twice = await failure(() => prepare({ file: '/x', debian: 'linux-source-6.1' }));
    expect(twice.message).to.contain('says file and debian');
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
      expect(stranger.message).to.contain('which is none of kernel.source.keys');
      work.renew();
      const other = join(work.root, 'other.tar');
      writeFileSync(other, 'another tar');
      expect(
        (await failure(() => prepare({ file: other, signature, keys: [DEVELOPER] }))).message,
      ).to.contain('signature is wrong');
      work.renew();
      const none = await failure(() => prepare({ file, signature: DEVELOPER, keys: [DEVELOPER] }));
      expect(none.message).to.contain('signature');
      work.renew();
      expect((await failure(() => prepare({ file, signature }))).message).to.contain('names no key');
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
        'it holds no unified diff',
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

    it('keeps its name when a file in it changes, and another fingerprint', async () => {
      const directory = await smallSource(work.root);
      const before = await originOf(sourceContext(work, { directory }));
      const key = (await prepare({ directory })).key;
      writeFileSync(join(directory, 'init/main.sh'), 'changed');
      expect((await originOf(sourceContext(work, { directory }))).values).not.to.deep.equal(before.values);
      expect((await prepare({ directory })).key).to.equal(key);
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

  describe('from a server', () => {
    let server: Server;
    let address: string;
    let requests: { url: string; range: string | undefined }[];
    /** Cut the connection after so many bytes of the tarball, once for each entry. */
    let cuts: number[];
    let down: boolean;

    beforeEach(async () => {
      requests = [];
      cuts = [];
      down = false;
      const files: Record<string, Buffer> = {
        [`/v9.x/${NAME}`]: TARBALL,
        '/v9.x/linux-9.1.2.tar.sign': readFileSync(join(fixtures, 'linux-9.1.2.tar.sign')),
        '/v9.x/sha256sums.asc': Buffer.from(
          `-----BEGIN PGP SIGNED MESSAGE-----\n${'00'.repeat(32)}  linux-9.1.1.tar.xz\n${SHA256}  ${NAME}\n${'11'.repeat(32)}  linux-9.1.10.tar.gz\n`,
        ),
        '/releases.json': Buffer.from(
          JSON.stringify({
            releases: [
              { moniker: 'mainline', version: '9.2-rc1', source: null },
              { moniker: 'stable', version: '9.1.2', source: 'unused' },
            ],
          }),
        ),
      };
      server = createServer((request, response) => {
        const { url = '', headers } = request;
        requests.push({ url, range: headers.range });
        const content = down ? undefined : files[url];
        if (content === undefined) {
          response.writeHead(down ? 503 : 404).end();
          return;
        }
        const from = Number(/bytes=(\d+)-/.exec(headers.range ?? '')?.[1] ?? 0);
        const rest = content.subarray(from);
        response.writeHead(from > 0 ? 206 : 200, {
          'content-length': rest.length,
          ...(from > 0 ? { 'content-range': `bytes ${from}-${content.length - 1}/${content.length}` } : {}),
        });
        const cut = url.endsWith('.xz') ? cuts.shift() : undefined;
        if (cut === undefined) response.end(rest);
        else response.write(rest.subarray(0, cut), () => response.destroy());
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    });
    afterEach(() => {
      server.closeAllConnections();
      server.close();
    });
    const asked = (end: string): number => requests.filter(({ url }) => url.endsWith(end)).length;
    const kernelOrg = (version: string, more = {}): Record<string, unknown> => ({
      version,
      mirror: address,
      releases: `${address}/releases.json`,
      ...more,
    });

    it('is found by its version and verified by the list of checksums', async () => {
      const tree = await prepare(kernelOrg('9.1.2'));
      expect(readFileSync(join(tree.path, 'Makefile'), 'utf8')).to.contain('SUBLEVEL = 2');
      expect(work.logged.join()).to.contain('the signature is not');
      expect(asked('releases.json')).to.equal(0);
    });

    it('is downloaded and unpacked once', async () => {
      await prepare(kernelOrg('9.1.2'));
      requests.length = 0;
      await prepare(kernelOrg('9.1.2'));
      expect(requests).to.deep.equal([]);
    });

    it('is verified by the signature of the tar when keys are named', async () => {
      await prepare(kernelOrg('9.1.2', { keys: [DEVELOPER] }));
      expect(work.logged.join()).to.contain('is signed by');
      work.renew();
      const error = await failure(() => prepare(kernelOrg('9.1.2', { keys: [STRANGER] })));
      expect(error.message).to.contain('none of kernel.source.keys');
      expect(unpacked()).to.have.length(1);
    });

    it('is the newest of a line, by a list that is asked for once a day and serves without a network', async () => {
      const stable = await originOf(sourceContext(work, kernelOrg('stable')));
      expect(stable.values).to.deep.equal({ version: '9.1.2' });
      down = true;
      expect((await originOf(sourceContext(work, kernelOrg('stable')))).values).to.deep.equal({
        version: '9.1.2',
      });
      expect(asked('releases.json')).to.equal(1);
      const error = await failure(() => originOf(sourceContext(work, kernelOrg('longterm'))));
      expect(error.message).to.contain('has no longterm release; it has mainline, stable');
    });

    it('that does not exist is refused, with the newest of its line', async () => {
      const error = await failure(() => prepare(kernelOrg('9.1.7')));
      expect(error.message).to.contain('there is no Linux 9.1.7');
      expect(String(error)).to.contain('The newest of 9.1 is 9.1.2');
      expect((await failure(() => prepare(kernelOrg('8.1')))).message).to.contain(
        'the server does not have it (HTTP 404)',
      );
    });

    it('goes on where a cut connection stopped', async () => {
      cuts = [300, 200];
      await prepare({ url: `${address}/v9.x/${NAME}`, sha256: SHA256 });
      const ranges = requests.filter(({ url }) => url.endsWith('.xz')).map(({ range }) => range);
      expect(ranges).to.deep.equal([undefined, 'bytes=300-', 'bytes=500-']);
    });

    it('is gone on with by the next build when the server went away', async () => {
      const url = `${address}/v9.x/${NAME}`;
      cuts = [300, 10, 10, 10];
      const error = await failure(() => prepare({ url, sha256: SHA256 }));
      expect(error.message).to.contain('the connection was cut');
      expect(String(error)).to.contain('are kept');
      requests.length = 0;
      await prepare({ url, sha256: SHA256 });
      expect(requests[0]?.range).to.equal('bytes=330-');
    });

    it('is fetched anew when what is there is not its beginning', async () => {
      const url = `${address}/v9.x/${NAME}`;
      cuts = [300, 10, 10, 10];
      await failure(() => prepare({ url, sha256: SHA256 }));
      const folder = join(work.cache, 'downloads/kernel');
      const part = join(folder, readdirSync(folder).find((name) => name.endsWith('.part')) as string);
      truncateSync(part, 0);
      writeFileSync(part, 'x'.repeat(330));
      expect((await failure(() => prepare({ url, sha256: SHA256 }))).message).to.contain(
        'not what it should be',
      );
      await prepare({ url, sha256: SHA256 });
      expect(unpacked()).to.have.length(1);
    });

    it('says so when nothing states its checksum, and what that would be', async () => {
      await prepare({ url: `${address}/v9.x/${NAME}` });
      expect(work.logged.join()).to.contain(`kernel.source.sha256: ${SHA256}`);
    });

    it('that can not be reached is one clear line', async () => {
      down = true;
      expect((await failure(() => prepare({ url: `${address}/x.tar.xz` }))).message).to.contain(
        'refuses it (HTTP 503)',
      );
      const error = await failure(() => prepare({ url: 'http://127.0.0.1:1/x.tar.xz' }));
      expect(error.message).to.contain('the server does not answer');
    });
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

/** Runs with a small tmpfs on `folder`, which is gone afterwards. */
async function inTmpfs<T>(work: TestWork, folder: string, size: string, use: () => Promise<T>): Promise<T> {
  await work.run('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', folder]);
  try {
    return await use();
  } finally {
    await work.run('umount', [folder]);
  }
}

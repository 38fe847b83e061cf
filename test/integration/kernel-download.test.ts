import { mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { fetchOnce } from '../../lib/kernel/source/download';
import { originOf } from '../../lib/kernel/source/origin';
import { prepareTree, type SourceTree } from '../../lib/kernel/source/tree';
import { sourceServer } from '../unit/kernel/source-server';
import {
  DEVELOPER,
  failure,
  fixtures,
  inTmpfs,
  NAME,
  preparedIn,
  SHA256,
  sourceContext,
  TARBALL,
  unpackedIn,
} from '../unit/kernel/support';

describe("the download of the kernel's source", () => {
  const at = sourceServer();
  const prepare = preparedIn(() => at.work);
  const unpacked = (): string[] => unpackedIn(at.work);

  it('runs once for two that want it at the same time', async () => {
    const url = `${at.address}/v9.x/${NAME}`;
    at.hold = new Promise((resolve) => {
      at.work.log = (line) => {
        at.work.logged.push(line);
        if (line.includes('waiting')) resolve();
      };
    });
    const got = await Promise.all([fetchOnce(url, at.work), fetchOnce(url, at.work)]);
    expect(at.asked('.xz')).to.equal(1);
    expect(at.work.logged).to.deep.equal([`waiting for another build that downloads ${NAME}`]);
    for (const file of got) expect(readFileSync(file).equals(TARBALL)).to.equal(true);
  });

  it('resumes where the connection was cut', async () => {
    at.cuts = [300, 200];
    await prepare({ url: `${at.address}/v9.x/${NAME}`, sha256: SHA256 });
    const ranges = at.requests.filter(({ url }) => url.endsWith('.xz')).map(({ range }) => range);
    expect(ranges).to.deep.equal([undefined, 'bytes=300-', 'bytes=500-']);
  });

  it('is resumed by the next build when the server went away', async () => {
    const url = `${at.address}/v9.x/${NAME}`;
    at.cuts = [300, 10, 10, 10];
    const error = await failure(() => prepare({ url, sha256: SHA256 }));
    expect(error.message).to.contain('transfer closed');
    expect(String(error)).to.contain('the next build resumes');
    at.requests.length = 0;
    await prepare({ url, sha256: SHA256 });
    expect(at.requests[0]?.range).to.equal('bytes=330-');
  });

  it('starts over when the part in the cache is of another file', async () => {
    const url = `${at.address}/v9.x/${NAME}`;
    at.cuts = [300, 10, 10, 10];
    await failure(() => prepare({ url, sha256: SHA256 }));
    const folder = join(at.work.cache, 'downloads/kernel');
    const part = join(folder, readdirSync(folder).find((name) => name.endsWith('.part')) as string);
    truncateSync(part, 0);
    writeFileSync(part, 'x'.repeat(330));
    expect((await failure(() => prepare({ url, sha256: SHA256 }))).message).to.contain(
      'has the wrong checksum',
    );
    await prepare({ url, sha256: SHA256 });
    expect(unpacked()).to.have.length(1);
  });

  it('starts over when nothing tells whether the server still has the same file', async () => {
    at.tagged = false;
    at.cuts = [300];
    await prepare({ url: `${at.address}/v9.x/${NAME}`, sha256: SHA256 });
    expect(at.requests.map(({ range }) => range)).to.deep.equal([undefined, undefined]);
  });

  it('starts over when the server has a new file', async () => {
    const url = `${at.address}/v9.x/${NAME}`;
    at.files[`/v9.x/${NAME}`] = Buffer.alloc(1000, 'x');
    at.cuts = [300, 10, 10, 10];
    await failure(() => prepare({ url }));
    at.files[`/v9.x/${NAME}`] = TARBALL;
    await prepare({ url });
    expect(unpacked()).to.have.length(1);
  });

  it('is repeated by the next build when the file is no tarball, or no kernel', async () => {
    const url = `${at.address}/v9.x/${NAME}`;
    const other = join(at.work.root, 'other.tar');
    await at.work.run('tar', ['--create', '--file', other, '--directory', fixtures, 'developer.asc']);
    for (const [answer, message] of [
      [Buffer.alloc(0), `${NAME} can't be unpacked`],
      [Buffer.from('<html>Log in, please</html>'), `${NAME} can't be unpacked`],
      [readFileSync(other), 'no Linux source: there is no Makefile'],
    ] as const) {
      at.files[`/v9.x/${NAME}`] = answer;
      const error = await failure(() => prepare({ url }));
      expect(error.message).to.contain(message);
      expect(String(error)).to.contain('the next build downloads it again').and.contain('a login page');
      expect(unpacked()).to.deep.equal([]);
      expect(readdirSync(join(at.work.cache, 'downloads/kernel'))).to.deep.equal([]);
    }
    at.files[`/v9.x/${NAME}`] = TARBALL;
    await prepare({ url });
    expect(unpacked()).to.have.length(1);
  });

  it('is repeated when the file is too damaged for its signature to be verified', async () => {
    const url = `${at.address}/v9.x/${NAME}`;
    const source = { url, signature: `${at.address}/v9.x/linux-9.1.2.tar.sign`, keys: [DEVELOPER] };
    at.files[`/v9.x/${NAME}`] = TARBALL.subarray(0, 400);
    const error = await failure(() => prepare(source));
    expect(error.message).to.contain(`${NAME} can't be decompressed`);
    expect(String(error)).to.contain('the next build downloads it again');
    at.files[`/v9.x/${NAME}`] = TARBALL;
    at.work.renew();
    await prepare(source);
    expect(at.work.seen.map(({ what }) => what)).to.contain(`decompressing ${NAME} for its signature`);
    expect(unpacked()).to.have.length(1);
  });

  it('says that the disk is full, and resumes when there is room', async () => {
    const small = join(at.work.root, 'small');
    mkdirSync(small);
    at.files['/big.tar.xz'] = Buffer.concat([TARBALL, Buffer.alloc(2 << 20)]);
    await inTmpfs(at.work, small, '1m', async () => {
      const context = sourceContext(
        { ...at.work, cache: join(small, 'cache') },
        { url: `${at.address}/big.tar.xz` },
      );
      const full = async (): Promise<SourceTree> => prepareTree(await originOf(context), [], context);
      const error = await failure(full);
      expect(error.message).to.equal('no space left on the disk: big.tar.xz could not be written');
      expect(String(error)).to.contain('gulp gc').and.not.contain('network');
      await at.work.run('mount', ['-o', 'remount,size=16m', small]);
      at.requests.length = 0;
      await full();
      expect(at.requests[0]?.range).to.match(/^bytes=\d{6,}-$/);
    });
  });

  it('asks a busy server again', async () => {
    at.statuses = [503];
    await prepare(at.kernelOrg('9.1.2'));
    at.statuses = [429];
    at.files['/x.tar.xz'] = TARBALL;
    await prepare({ url: `${at.address}/x.tar.xz` });
    const { host } = new URL(at.address);
    expect(at.work.logged)
      .to.contain(`${host} answers HTTP 503; asking again in 1 s`)
      .and.contain(`${host} answers HTTP 429; asking again in 1 s`);
    expect([at.asked('.asc'), at.asked('.xz')]).to.deep.equal([2, 3]);
  });

  it('stays in its folder, whatever the address', async () => {
    for (const path of ['/..%2F..%2Flinux.tar.xz', '/%E0%A4%A.tar.xz', '/']) {
      at.files[path] = TARBALL;
      await prepare({ url: at.address + path });
    }
    expect(
      readdirSync(join(at.work.cache, 'downloads')).concat(readdirSync(at.work.cache).sort()),
    ).to.deep.equal(['kernel', 'downloads', 'kernel', 'locks']);
    const names = readdirSync(join(at.work.cache, 'downloads/kernel')).map((name) => name.slice(9));
    expect(names.sort()).to.deep.equal(['.._2F.._2Flinux.tar.xz', 'download', '_E0_A4_A.tar.xz'].sort());
  });

  it("ignores the user's ~/.curlrc", async () => {
    const before = process.env.CURL_HOME;
    process.env.CURL_HOME = at.work.root;
    writeFileSync(join(at.work.root, '.curlrc'), 'proxy = "http://127.0.0.1:1"\n');
    try {
      await prepare(at.kernelOrg('9.1.2'));
      expect(at.asked('.xz')).to.equal(1);
    } finally {
      if (before === undefined) delete process.env.CURL_HOME;
      else process.env.CURL_HOME = before;
    }
  });

  it('fails with one clear line', async () => {
    at.down = true;
    const busy = await failure(() => prepare({ url: `${at.address}/x.tar.xz` }));
    expect(busy.message).to.equal(`${at.address}/x.tar.xz can't be downloaded: HTTP 503`);
    at.down = false;
    at.statuses = [403];
    expect((await failure(() => prepare({ url: `${at.address}/x.tar.xz` }))).message).to.contain('HTTP 403');
    expect((await failure(() => prepare({ url: `${at.address}/x.tar.xz` }))).message).to.contain('HTTP 404');
    const error = await failure(() => prepare({ url: 'http://127.0.0.1:1/x.tar.xz' }));
    expect(error.message).to.contain('Failed to connect');
  });
});

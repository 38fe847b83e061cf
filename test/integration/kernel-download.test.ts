import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import { fetchOnce } from '../../lib/kernel/source/download';
import { originOf } from '../../lib/kernel/source/origin';
import { prepareTree, type SourceTree } from '../../lib/kernel/source/tree';
import { failure, fixtures, inTmpfs, sourceContext, type TestWork, testWork } from '../unit/kernel/support';

const NAME = 'linux-9.1.2.tar.xz';
const TARBALL = readFileSync(join(fixtures, NAME));
const SHA256 = createHash('sha256').update(TARBALL).digest('hex');
const DEVELOPER = join(fixtures, 'developer.asc');
const STRANGER = join(fixtures, 'stranger.gpg');

describe("the kernel's source from a server", () => {
  let work: TestWork;
  const prepare = async (source: Record<string, unknown>): Promise<SourceTree> => {
    const context = sourceContext(work, source);
    return prepareTree(await originOf(context), [], context);
  };
  const unpacked = (): string[] => {
    const folder = join(work.cache, 'kernel/sources');
    return existsSync(folder) ? readdirSync(folder) : [];
  };

  let server: Server;
  let address: string;
  let requests: { url: string; range: string | undefined }[];
  /** Cut the connection after so many bytes of the tarball, once for each entry. */
  let cuts: number[];
  let down: boolean;
  /** Statuses to answer with instead, once for each entry. */
  let statuses: number[];
  /** What the server waits for before it sends a tarball. */
  let hold: Promise<void>;
  /** What the server has, by path. */
  let files: Record<string, Buffer>;

  beforeEach(async () => {
    work = testWork();
    requests = [];
    cuts = [];
    down = false;
    statuses = [];
    hold = Promise.resolve();
    files = {
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
      const refusal = down ? 503 : statuses.shift();
      const content = files[url];
      if (refusal !== undefined || content === undefined) {
        response.writeHead(refusal ?? 404).end();
        return;
      }
      const etag = `"${createHash('sha256').update(content).digest('hex').slice(0, 8)}"`;
      const same = headers['if-range'] === undefined || headers['if-range'] === etag;
      const from = Number((same && /bytes=(\d+)-/.exec(headers.range ?? '')?.[1]) || 0);
      const rest = content.subarray(from);
      response.writeHead(from > 0 ? 206 : 200, {
        etag,
        'content-length': rest.length,
        ...(from > 0 ? { 'content-range': `bytes ${from}-${content.length - 1}/${content.length}` } : {}),
      });
      const cut = url.endsWith('.xz') ? cuts.shift() : undefined;
      if (cut === undefined) void hold.then(() => response.end(rest));
      else response.write(rest.subarray(0, cut), () => response.destroy());
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(() => {
    work.remove();
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
    expect(error.message).to.contain('not in kernel.source.keys');
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

  it('is verified by a checksum or a signature that is stated later on', async () => {
    const url = `${address}/v9.x/${NAME}`;
    for (const source of [kernelOrg('9.1.2'), { url }]) {
      await prepare(source);
      const sha256 = await failure(() => prepare({ ...source, sha256: 'ab'.repeat(32) }));
      expect(sha256.message).to.contain(`its SHA-256 is ${SHA256}, expected abab`);
      files['/other.tar.sign'] = Buffer.from('none');
      const signature = `${address}/other.tar.sign`;
      const signed = await failure(() => prepare({ ...source, signature, keys: [DEVELOPER] }));
      expect(signed.message).to.contain('there is no signature in the signature file');
      work.renew();
    }
    expect(unpacked()).to.have.length(2);
  });

  it('counts by what it is verified by: checksum, signature and keys are inputs', async () => {
    const inputs = async (more: object): Promise<unknown> => {
      const { values, files } = await originOf(sourceContext(work, kernelOrg('9.1.2', more)));
      return { values, files };
    };
    const signature = join(fixtures, 'linux-9.1.2.tar.sign');
    const key = { name: 'kernel.source.keys: developer.asc', path: DEVELOPER };
    expect(await inputs({ sha256: SHA256 })).to.deep.equal({
      values: { version: '9.1.2', sha256: SHA256 },
      files: [],
    });
    expect(await inputs({ signature: `${address}/x.sig`, keys: [DEVELOPER] })).to.deep.equal({
      values: { version: '9.1.2', signature: `${address}/x.sig` },
      files: [key],
    });
    expect(await inputs({ signature, keys: [DEVELOPER] })).to.deep.equal({
      values: { version: '9.1.2' },
      files: [{ name: 'kernel.source.signature', path: signature }, key],
    });
  });

  it('that does not exist is refused, with the newest of its line', async () => {
    const error = await failure(() => prepare(kernelOrg('9.1.7')));
    expect(error.message).to.contain('there is no Linux 9.1.7');
    expect(String(error)).to.contain('The newest of 9.1 is 9.1.2');
    for (const more of [{}, { sha256: SHA256 }]) {
      const none = await failure(() => prepare(kernelOrg('8.1', more)));
      expect(none.message).to.equal(`kernel.source.version: ${address} has no Linux 8.1`);
      expect(String(none)).to.contain('There are 9.2-rc1 (mainline), 9.1.2 (stable).');
    }
  });

  it('is downloaded once for two that want it at the same time', async () => {
    const url = `${address}/v9.x/${NAME}`;
    hold = new Promise((resolve) => {
      work.log = (line) => {
        work.logged.push(line);
        if (line.includes('waiting')) resolve();
      };
    });
    const got = await Promise.all([fetchOnce(url, work), fetchOnce(url, work)]);
    expect(asked('.xz')).to.equal(1);
    expect(work.logged).to.deep.equal([`waiting for another build that downloads ${NAME}`]);
    for (const file of got) expect(readFileSync(file).equals(TARBALL)).to.equal(true);
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
    expect(error.message).to.contain('transfer closed');
    expect(String(error)).to.contain('the next build resumes');
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
      'has the wrong checksum',
    );
    await prepare({ url, sha256: SHA256 });
    expect(unpacked()).to.have.length(1);
  });

  it('is fetched anew when the server has another file since', async () => {
    const url = `${address}/v9.x/${NAME}`;
    files[`/v9.x/${NAME}`] = Buffer.alloc(1000, 'x');
    cuts = [300, 10, 10, 10];
    await failure(() => prepare({ url }));
    files[`/v9.x/${NAME}`] = TARBALL;
    await prepare({ url });
    expect(unpacked()).to.have.length(1);
  });

  it('is fetched anew by the next build when it turned out to be no tarball, or no kernel', async () => {
    const url = `${address}/v9.x/${NAME}`;
    const other = join(work.root, 'other.tar');
    await work.run('tar', ['--create', '--file', other, '--directory', fixtures, 'developer.asc']);
    for (const [answer, message] of [
      [Buffer.alloc(0), `${NAME} can't be unpacked`],
      [Buffer.from('<html>Log in, please</html>'), `${NAME} can't be unpacked`],
      [readFileSync(other), 'no Linux source: there is no Makefile'],
    ] as const) {
      files[`/v9.x/${NAME}`] = answer;
      const error = await failure(() => prepare({ url }));
      expect(error.message).to.contain(message);
      expect(String(error)).to.contain('the next build downloads it again').and.contain('a login page');
      expect(unpacked()).to.deep.equal([]);
      expect(readdirSync(join(work.cache, 'downloads/kernel'))).to.deep.equal([]);
    }
    files[`/v9.x/${NAME}`] = TARBALL;
    await prepare({ url });
    expect(unpacked()).to.have.length(1);
  });

  it('is fetched anew when it is too damaged for its signature to be verified', async () => {
    const url = `${address}/v9.x/${NAME}`;
    const source = { url, signature: `${address}/v9.x/linux-9.1.2.tar.sign`, keys: [DEVELOPER] };
    files[`/v9.x/${NAME}`] = TARBALL.subarray(0, 400);
    const error = await failure(() => prepare(source));
    expect(error.message).to.contain(`${NAME} can't be decompressed`);
    expect(String(error)).to.contain('the next build downloads it again');
    files[`/v9.x/${NAME}`] = TARBALL;
    work.renew();
    await prepare(source);
    expect(work.seen.map(({ what }) => what)).to.contain(`decompressing ${NAME} for its signature`);
    expect(unpacked()).to.have.length(1);
  });

  it('says so when nothing states its checksum, and what that would be', async () => {
    await prepare({ url: `${address}/v9.x/${NAME}` });
    expect(work.logged.join()).to.contain(`kernel.source.sha256: ${SHA256}`);
  });

  it('that does not fit on the disk says so, and goes on when there is room', async () => {
    const small = join(work.root, 'small');
    mkdirSync(small);
    files['/big.tar.xz'] = Buffer.concat([TARBALL, Buffer.alloc(2 << 20)]);
    await inTmpfs(work, small, '1m', async () => {
      const context = sourceContext(
        { ...work, cache: join(small, 'cache') },
        { url: `${address}/big.tar.xz` },
      );
      const full = async (): Promise<SourceTree> => prepareTree(await originOf(context), [], context);
      const error = await failure(full);
      expect(error.message).to.equal('no space left on the disk: big.tar.xz could not be written');
      expect(String(error)).to.contain('gulp gc').and.not.contain('network');
      await work.run('mount', ['-o', 'remount,size=16m', small]);
      requests.length = 0;
      await full();
      expect(requests[0]?.range).to.match(/^bytes=\d{6,}-$/);
    });
  });

  it('is asked for again when the server has too much to do', async () => {
    statuses = [503];
    await prepare(kernelOrg('9.1.2'));
    statuses = [429];
    files['/x.tar.xz'] = TARBALL;
    await prepare({ url: `${address}/x.tar.xz` });
    const { host } = new URL(address);
    expect(work.logged)
      .to.contain(`${host} answers HTTP 503; asking again in 1 s`)
      .and.contain(`${host} answers HTTP 429; asking again in 1 s`);
    expect([asked('.asc'), asked('.xz')]).to.deep.equal([2, 3]);
  });

  it('stays in its folder and may be called anything', async () => {
    for (const path of ['/..%2F..%2Flinux.tar.xz', '/%E0%A4%A.tar.xz', '/']) {
      files[path] = TARBALL;
      await prepare({ url: address + path });
    }
    expect(readdirSync(join(work.cache, 'downloads')).concat(readdirSync(work.cache).sort())).to.deep.equal([
      'kernel',
      'downloads',
      'kernel',
      'locks',
    ]);
    const names = readdirSync(join(work.cache, 'downloads/kernel')).map((name) => name.slice(9));
    expect(names.sort()).to.deep.equal(['.._2F.._2Flinux.tar.xz', 'download', '_E0_A4_A.tar.xz'].sort());
  });

  it("is fetched without what the user's own curl is told", async () => {
    const before = process.env.CURL_HOME;
    process.env.CURL_HOME = work.root;
    writeFileSync(join(work.root, '.curlrc'), 'proxy = "http://127.0.0.1:1"\n');
    try {
      await prepare(kernelOrg('9.1.2'));
      expect(asked('.xz')).to.equal(1);
    } finally {
      if (before === undefined) delete process.env.CURL_HOME;
      else process.env.CURL_HOME = before;
    }
  });

  it('that can not be reached is one clear line', async () => {
    down = true;
    const busy = await failure(() => prepare({ url: `${address}/x.tar.xz` }));
    expect(busy.message).to.equal(`${address}/x.tar.xz can't be downloaded: HTTP 503`);
    down = false;
    statuses = [403];
    expect((await failure(() => prepare({ url: `${address}/x.tar.xz` }))).message).to.contain('HTTP 403');
    expect((await failure(() => prepare({ url: `${address}/x.tar.xz` }))).message).to.contain('HTTP 404');
    const error = await failure(() => prepare({ url: 'http://127.0.0.1:1/x.tar.xz' }));
    expect(error.message).to.contain('Failed to connect');
  });
});

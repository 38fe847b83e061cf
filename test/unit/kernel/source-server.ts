import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fixtures, NAME, SHA256, TARBALL, type TestWork, testWork } from './support';

/** A server that has the small source as kernel.org would, and how it answers. */
export interface SourceServer {
  work: TestWork;
  address: string;
  requests: { url: string; range: string | undefined }[];
  /** Cut the connection after so many bytes of the tarball, once for each entry. */
  cuts: number[];
  down: boolean;
  /** Statuses to answer with instead, once for each entry. */
  statuses: number[];
  /** Whether its answers have an ETag. */
  tagged: boolean;
  /** What the server waits for before it sends a file. */
  hold: Promise<void>;
  /** What the server has, by path. */
  files: Record<string, Buffer>;
  /** How often an address with this end was asked for. */
  asked: (end: string) => number;
  /** `kernel.source` of a version of this server. */
  kernelOrg: (version: string, more?: object) => Record<string, unknown>;
}

/** Starts a server for each test of a suite, with a step's surroundings. */
export function sourceServer(): SourceServer {
  const at = {} as SourceServer;
  let server: Server;
  beforeEach(async () => {
    Object.assign(at, {
      work: testWork(),
      requests: [],
      cuts: [],
      down: false,
      statuses: [],
      tagged: true,
      hold: Promise.resolve(),
    });
    at.files = {
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
    at.asked = (end) => at.requests.filter(({ url }) => url.endsWith(end)).length;
    at.kernelOrg = (version, more = {}) => ({
      version,
      mirror: at.address,
      releases: `${at.address}/releases.json`,
      ...more,
    });
    server = createServer((request, response) => {
      const { url = '', headers } = request;
      at.requests.push({ url, range: headers.range });
      const refusal = at.down ? 503 : at.statuses.shift();
      const content = at.files[url];
      if (refusal !== undefined || content === undefined) {
        response.writeHead(refusal ?? 404).end();
        return;
      }
      const etag = `"${createHash('sha256').update(content).digest('hex').slice(0, 8)}"`;
      const same = headers['if-range'] === undefined || headers['if-range'] === etag;
      const from = Number((same && /bytes=(\d+)-/.exec(headers.range ?? '')?.[1]) || 0);
      const rest = content.subarray(from);
      response.writeHead(from > 0 ? 206 : 200, {
        ...(at.tagged ? { etag } : {}),
        'content-length': rest.length,
        ...(from > 0 ? { 'content-range': `bytes ${from}-${content.length - 1}/${content.length}` } : {}),
      });
      const cut = url.endsWith('.xz') ? at.cuts.shift() : undefined;
      if (cut === undefined) void at.hold.then(() => response.end(rest));
      else response.write(rest.subarray(0, cut), () => response.destroy());
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    at.address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(() => {
    at.work.remove();
    server.closeAllConnections();
    server.close();
  });
  return at;
}

import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { run } from '../../lib/system/process';
import { staticBusybox } from '../../lib/vm/initrd';
import { PROJECT } from '../helpers/gulp';
import { faultyServer } from '../helpers/netboot';

const LAYER = Buffer.alloc(300_000, 'layer ');
const SHA256 = createHash('sha256').update(LAYER).digest('hex');

const HOOK = join(PROJECT, 'hooks/dock0-netboot');
const FETCH = `. "$1"
dock0_say() { :; }
dock0_timeout=$2 dock0_patience=2 dock0_said=$3
dock0_fetch_layer "$4" "$5" "$6" "$7" && exit
echo "$dock0_reason"
exit 1`;

const LEASE = `set -e
mount --bind "$1" /etc/resolv.conf
busybox tunctl -t card >/dev/null
busybox ip link set card up
busybox sh "$2" bound
busybox ip route`;

/** What the hook dock0-netboot does with a layer that a server answers in some way, on this machine. */
describe('a layer that a machine fetches at boot', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'dock0-fetch-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const fetched = async (
    answer: (response: ServerResponse, count: number) => void,
    timeout = 2,
  ): Promise<{ ok: boolean; reason: string; requests: number; url: string }> => {
    let requests = 0;
    const server = await faultyServer((_, response) => answer(response, ++requests));
    const url = `http://127.0.0.1:${server.port}/layers/10-x.squashfs`;
    const words = [
      HOOK,
      String(timeout),
      `${folder}/said`,
      url,
      `${folder}/layer`,
      SHA256,
      String(LAYER.length),
    ];
    const { code, stdout } = await run(staticBusybox(), ['sh', '-c', FETCH, 'sh', ...words], {
      okCodes: [0, 1],
    }).finally(server.close);
    return { ok: code === 0, reason: stdout.trim(), requests, url };
  };
  const whole = (response: ServerResponse): void => {
    response.writeHead(200, { 'content-length': LAYER.length }).end(LAYER);
  };
  const half = (response: ServerResponse): void => {
    response.writeHead(200, { 'content-length': LAYER.length }).write(LAYER.subarray(0, 150_000), () => {
      response.destroy();
    });
  };

  it('is there, byte for byte', async () => {
    expect(await fetched(whole)).to.include({ ok: true, requests: 1 });
    expect(readFileSync(join(folder, 'layer')).equals(LAYER)).to.equal(true);
  });

  it('is asked for again while the server fails, breaks off, or says nothing', async () => {
    const answers = [
      (response: ServerResponse): unknown => response.writeHead(503).end(),
      half,
      (): undefined => undefined,
      whole,
    ];
    const result = await fetched((response, count) => answers[count - 1]?.(response), 20);
    expect(result).to.include({ ok: true, requests: 4 });
    expect(readFileSync(join(folder, 'layer')).equals(LAYER)).to.equal(true);
  });

  it('is given up where the server keeps breaking off, with its URL', async () => {
    const { ok, reason, requests, url } = await fetched(half);
    expect(ok).to.equal(false);
    expect(requests).to.be.greaterThan(1);
    expect(reason).to.equal(`cannot fetch ${url}: connection closed prematurely`);
  });

  it('is given up at once where the server does not have it', async () => {
    const { reason, requests, url } = await fetched((response) => response.writeHead(404).end());
    expect(reason).to.equal(`cannot fetch ${url}: server returned error: HTTP/1.1 404 Not Found`);
    expect(requests).to.equal(1);
  });

  it('is given up where the server stalls', async () => {
    const { reason, url } = await fetched((response) => {
      response.writeHead(200, { 'content-length': LAYER.length }).write(LAYER.subarray(0, 1000));
    }, 1);
    expect(reason).to.equal(`cannot fetch ${url}: nothing arrived for 2 s`);
  });

  it('is fetched once more where it is another one, and then refused with both digests', async () => {
    const other = LAYER.subarray(0, 200_000);
    const is = createHash('sha256').update(other).digest('hex');
    const { reason, requests, url } = await fetched((response) => response.end(other));
    expect(reason).to.equal(
      `${url} is not the layer of this release: 200000 bytes with SHA-256 ${is}; expected 300000 bytes with ${SHA256}`,
    );
    expect(requests).to.equal(2);
  });
});

/** What the hook does with a lease, in a network of its own. */
describe('the card of a machine that fetches its layers', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'dock0-lease-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const leased = async (lease: Record<string, string>): Promise<{ routes: string[]; names: string }> => {
    const names = join(folder, 'resolv.conf');
    writeFileSync(names, '');
    const { stdout } = await run('unshare', ['--net', '--mount', 'sh', '-c', LEASE, 'sh', names, HOOK], {
      env: { ...process.env, interface: 'card', ip: '192.0.2.15', ...lease },
    });
    const routes = stdout.split('\n').map((line) => line.trim());
    return { routes: routes.filter((line) => line.includes(' via ')), names: readFileSync(names, 'utf8') };
  };

  it('takes the first gateway, and the name servers', async () => {
    const lease = { mask: '24', router: '192.0.2.1 192.0.2.2', dns: '192.0.2.3 192.0.2.4' };
    expect(await leased(lease)).to.deep.equal({
      routes: ['default via 192.0.2.1 dev card'],
      names: 'nameserver 192.0.2.3\nnameserver 192.0.2.4\n',
    });
  });

  it('takes routes of option 121 instead, and reaches a gateway outside of its network', async () => {
    const staticroutes = '203.0.113.1/32 0.0.0.0 0.0.0.0/0 203.0.113.1';
    expect(await leased({ mask: '32', router: '192.0.2.1', staticroutes })).to.deep.equal({
      routes: ['default via 203.0.113.1 dev card'],
      names: '',
    });
    expect((await leased({ mask: '32', router: '198.51.100.1' })).routes).to.deep.equal([
      'default via 198.51.100.1 dev card',
    ]);
  });
});

import { appendFileSync, existsSync, readdirSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import { run } from '../../lib/system/process';
import { withSandbox } from '../../lib/system/sandbox';
import { type Mirror, startMirror } from '../fixtures/arch/mirror';
import { type SmallRepository, smallRepository } from '../fixtures/arch/small-repository';
import { archSuite } from '../helpers/arch';
import { leftovers } from '../helpers/leftovers';

describe('signatures of Arch packages', () => {
  const suite = archSuite();
  let other: SmallRepository;
  let mirror: Mirror;
  let unsigned: string[] = [];

  before(async () => {
    await withSandbox(run, async (sandbox) => {
      other = await smallRepository(suite.path('other'), sandbox.run);
      await other.add('own', [{ name: 'delta', depends: ['beta'], files: { 'usr/share/delta': 'x\n' } }]);
      unsigned = await other.add('loose', [
        { name: 'plain', signed: 'not', depends: ['beta'], files: { 'usr/share/plain': 'x\n' } },
      ]);
    });
    mirror = await startMirror(other.folder);
  });
  after(() => mirror.close());

  const installed = (path: string): boolean => existsSync(join(suite.layer(), path));

  it("are not needed by the user's own package files", async () => {
    const { code, output } = await suite.install([], { pacman: { local_packages: unsigned } });
    expect(code, output).to.equal(0);
    expect(installed('usr/share/plain')).to.equal(true);
    expect(installed('usr/share/beta/text')).to.equal(true);
  });

  it("are not checked with SigLevel Never, nor those of the user's own files", async () => {
    const { code, output } = await suite.install(['unsigned'], {
      pacman: { sig_level: 'Never', local_packages: suite.local() },
    });
    expect(code, output).to.equal(0);
    expect([installed('usr/share/mine'), installed('usr/share/unsigned')]).to.deep.equal([true, true]);
  });

  it('may be missing where they are optional, but not where they are required', async () => {
    const optional = await suite.install(['unsigned', 'alpha'], {
      pacman: { sig_level: 'Optional TrustAll' },
    });
    expect(optional.code, optional.output).to.equal(0);
    expect(installed('usr/share/unsigned')).to.equal(true);
    await suite.forget('store/pacstrap');
    await suite.expectClear(
      await suite.install(['unsigned', 'alpha']),
      'unsigned: unsigned, but a signature is required',
    );
  });

  it('that are wrong are refused even where they are optional', async () => {
    await suite.expectClear(
      await suite.install(['forged'], { pacman: { sig_level: 'Optional TrustAll' } }),
      /forged: the signature of "owner.*" does not match the file/,
    );
  });

  it('may be of a key of the repository, and optional in it alone', async () => {
    const repositories = [
      { name: 'own', server: mirror.server, keys: [other.key.file] },
      { name: 'loose', server: mirror.server, sig_level: 'Optional', keys: [other.key.file] },
    ];
    const { code, output } = await suite.install(['own/delta', 'loose/plain'], { pacman: { repositories } });
    expect(code, output).to.equal(0);
    expect([installed('usr/share/delta'), installed('usr/share/plain')]).to.deep.equal([true, true]);
    await suite.forget('store/pacstrap', 'downloads');
    await suite.expectClear(
      await suite.install(['own/delta'], {
        pacman: { repositories: [{ name: 'own', server: mirror.server }] },
      }),
      /the package list of own is unavailable \(.* own: signed by the key [0-9A-F]+, which is untrusted\)/,
      'goes into pacman.keys',
    );
  });

  it('by an unknown key are accepted once the key is trusted', async () => {
    const { code, output } = await suite.install(['foreign'], {
      pacman: { keys: [suite.repository().key.file, suite.repository().stranger.file] },
    });
    expect(code, output).to.equal(0);
  });

  it('that are no longer trusted invalidate a root that is in the cache', async () => {
    const { key, stranger } = suite.repository();
    const keys = [key.file, stranger.file];
    expect((await suite.install(['foreign'], { pacman: { keys } })).code).to.equal(0);
    const again = await suite.install(['foreign'], { pacman: { keys } });
    expect(again.output).to.match(/pacstrap +cached/);
    const refused = await suite.install(['foreign']);
    expect(refused.code, refused.output).to.equal(1);
    expect(refused.output).to.contain('foreign: signed by the key');
    const never = await suite.install(['unsigned'], { pacman: { sig_level: 'Never' } });
    expect(never.code, never.output).to.equal(0);
    const required = await suite.install(['unsigned']);
    expect(required.code, required.output).to.equal(1);
    expect(required.output).to.contain('unsigned: unsigned, but a signature is required');
  });

  describe('by an unknown key that a key server has', () => {
    let server: Server;
    const asked: string[] = [];

    before(async () => {
      server = createServer((request, response) => {
        asked.push(request.url ?? '');
        response.writeHead(404).end();
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    });
    after(() => new Promise((resolve) => server.close(resolve)));

    it('are refused without asking it, and without a change to the keyring', async () => {
      expect((await suite.install(['beta'])).code).to.equal(0);
      await suite.forget('store/pacstrap');
      const keyrings = join(suite.cache(), 'pacman/keyrings');
      const { port } = server.address() as AddressInfo;
      for (const name of readdirSync(keyrings)) {
        appendFileSync(join(keyrings, name, 'gpg.conf'), `\nkeyserver hkp://127.0.0.1:${port}\n`);
      }
      const bytes = async (): Promise<string> =>
        (await run('sh', ['-c', 'cd "$1" && find . -type f -exec sha256sum {} +', 'sh', keyrings])).stdout;
      const before = await bytes();
      await suite.expectClear(
        await suite.install(['foreign']),
        /foreign: signed by the key [0-9A-F]+, which is untrusted/,
        'pacman.keys',
      );
      expect(await bytes()).to.equal(before);
      expect(asked).to.deep.equal([]);
      expect(await leftovers(suite.path(), suite.cache())).to.deep.equal([]);
    });
  });
});

import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { run } from '../../lib/system/process';
import { type Runner, withSandbox } from '../../lib/system/sandbox';
import { type Mirror, ONLY_LOOPBACK, startMirror } from '../fixtures/arch/mirror';
import { addToDatabase, buildPackage, levelTimes } from '../fixtures/arch/package-archive';
import { makeKey, type SigningKey } from '../fixtures/arch/signing';
import { type GulpResult, gulp, workFolder } from '../helpers/gulp';
import { leftovers } from '../helpers/leftovers';

const DATE = new Date('2023-11-13T00:00:00Z');

describe("Arch's keys", () => {
  const work = workFolder();
  const place = (repository: string): string => work.path(`mirror/${repository}/os/x86_64`);
  const host = (): string => work.path('keyrings');
  let mirror: Mirror;
  let keys: Record<'master' | 'elder' | 'newcomer' | 'stranger', SigningKey>;

  /** Writes a keyring as archlinux-keyring has it: keys, those trusted as master keys, those revoked. */
  const writeKeyring = async (
    folder: string,
    members: SigningKey[],
    masters: SigningKey[],
    revoked: SigningKey[] = [],
  ): Promise<void> => {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'archlinux.gpg'), members.map(({ file }) => readFileSync(file)).join(''));
    writeFileSync(
      join(folder, 'archlinux-trusted'),
      masters.map(({ fingerprint }) => `${fingerprint}:5:\n`).join(''),
    );
    writeFileSync(
      join(folder, 'archlinux-revoked'),
      revoked.map(({ fingerprint }) => `${fingerprint}\n`).join(''),
    );
    for (const name of readdirSync(folder)) utimesSync(join(folder, name), DATE, DATE);
  };
  /** The master's signature on a packager's key, which from then on is in its file. */
  const certify = async (key: SigningKey, sandboxed: Runner): Promise<void> => {
    const gpg = ['--homedir', work.path('master-gnupg'), '--batch', '--yes', '--quiet'];
    await sandboxed('gpg', [...gpg, '--import', key.file]);
    await sandboxed('gpg', [...gpg, '--quick-sign-key', key.fingerprint]);
    await sandboxed('gpg', [...gpg, '--armor', '--output', key.file, '--export', key.fingerprint]);
  };
  /** Puts a package into the mirror's database. */
  const publish = (
    name: string,
    version: string,
    signer: SigningKey,
    fill: (tree: string) => unknown,
  ): Promise<void> =>
    withSandbox(run, async (sandbox) => {
      const tree = work.path('tree');
      rmSync(tree, { recursive: true, force: true });
      mkdirSync(join(tree, 'usr/share'), { recursive: true });
      await fill(tree);
      await levelTimes(tree);
      const repository = name === 'old' ? 'extra' : 'core';
      const file = await buildPackage({ name, version, arch: 'any', tree }, place(repository), sandbox.run);
      await signIn(sandbox.run, signer, file);
      await addToDatabase(repository, place(repository), [file], sandbox.run);
    });
  const signIn = async (sandboxed: Runner, { fingerprint }: SigningKey, file: string): Promise<void> => {
    const home = Object.entries(keys).find(([, key]) => key.fingerprint === fingerprint)?.[0] ?? '';
    const gpg = ['--homedir', work.path(`${home}-gnupg`), '--batch', '--yes', '--quiet'];
    await sandboxed('gpg', [...gpg, '--output', `${file}.sig`, '--detach-sign', file]);
  };
  const publishKeyring = (
    version: string,
    signer: SigningKey,
    members: SigningKey[],
    masters: SigningKey[],
    revoked: SigningKey[] = [],
  ) =>
    publish('archlinux-keyring', version, signer, (tree) =>
      writeKeyring(join(tree, 'usr/share/pacman/keyrings'), members, masters, revoked),
    );
  const install = async (...packages: string[]): Promise<GulpResult> => {
    const base = {
      name: 'small',
      distribution: 'arch',
      init: 'none',
      docker: { enabled: false },
      volumes: { docker: null },
      network: { dhcp: false },
    };
    // YAML takes JSON.
    writeFileSync(work.path('dock0.yaml'), JSON.stringify({ ...base, mirror: [mirror.server], packages }));
    for (const folder of ['store', 'pacman'])
      rmSync(work.path(`cache/${folder}`), { recursive: true, force: true });
    return build();
  };
  const build = (): Promise<GulpResult> => {
    // As on a host whose archlinux-keyring has these keys.
    const bound = 'mount --bind "$0" /usr/share/keyrings && exec "$@"';
    const through = ['unshare', '--mount', '--', 'sh', '-c', bound, host()];
    return gulp(['pacstrap', '--cache', work.path('cache')], {
      cwd: work.path(),
      env: ONLY_LOOPBACK,
      through,
    });
  };

  before(async () => {
    for (const repository of ['core', 'extra']) mkdirSync(place(repository), { recursive: true });
    await withSandbox(run, async (sandbox) => {
      const made = async (name: string): Promise<SigningKey> => makeKey(name, work.path(), sandbox.run);
      keys = {
        master: await made('master'),
        elder: await made('elder'),
        newcomer: await made('newcomer'),
        stranger: await made('stranger'),
      };
      await certify(keys.elder, sandbox.run);
      await certify(keys.newcomer, sandbox.run);
    });
    await writeKeyring(host(), [keys.master, keys.elder], [keys.master]);
    await publish('old', '1-1', keys.elder, (tree) => writeFileSync(join(tree, 'usr/share/old'), 'x\n'));
    await publish('new', '1-1', keys.newcomer, (tree) => writeFileSync(join(tree, 'usr/share/new'), 'x\n'));
    mirror = await startMirror(work.path('mirror'));
  });
  after(() => mirror.close());

  it("are the host's where the mirror has no newer ones; another key is untrusted", async () => {
    const good = await install('old');
    expect(good.code, good.output).to.equal(0);
    const { code, output } = await install('new');
    expect(code, output).to.equal(1);
    expect(output)
      .to.match(/new: signed by .*untrusted/)
      .and.contain('archlinux-keyring')
      .and.contain('pacman.keys');
  });

  it("come with the mirror's archlinux-keyring, even when a new packager signed that", async () => {
    const { elder, master, newcomer } = keys;
    for (const [version, signer] of [
      ['2-1', elder],
      ['3-1', newcomer],
    ] as const) {
      await publishKeyring(version, signer, [master, elder, newcomer], [master]);
      const { code, output } = await install('new', 'old');
      expect(code, `${version}: ${output}`).to.equal(0);
    }
  });

  it('are no longer trusted when the newer keyring revokes them', async () => {
    const { elder, master, newcomer } = keys;
    await publishKeyring('4-1', newcomer, [master, elder, newcomer], [master], [elder]);
    const { code, output } = await install('old');
    expect(code, output).to.equal(1);
    expect(output).to.match(/old: signed by the key .*, which is revoked/);
  });

  it("stay the host's when no trusted key signed the newer ones, which is logged with the age of the host's", async () => {
    const { elder, master, newcomer, stranger } = keys;
    await publishKeyring('5-1', stranger, [master, elder, newcomer, stranger], [master, stranger]);
    const good = await install('old');
    expect(good.code, good.output).to.equal(0);
    expect(good.output).to.contain(
      "the mirror's archlinux-keyring is not used (unsigned, or signed by an untrusted key); using this host's keys, as of 2023-11-13",
    );
    await publish('strange', '1-1', stranger, (tree) =>
      writeFileSync(join(tree, 'usr/share/strange'), 'x\n'),
    );
    const { code, output } = await install('strange');
    expect(code, output).to.equal(1);
    expect(output).to.match(/strange: signed by .*untrusted/);
  });

  it('are made into a keyring once, and leave nothing behind', async () => {
    const folder = work.path('cache/pacman/keyrings');
    const state = () => readdirSync(folder).map((name) => [name, statSync(join(folder, name)).mtimeMs]);
    const { elder, master } = keys;
    await publishKeyring('6-1', elder, [master, elder], [master]);
    const first = await install('old');
    expect(first.code, first.output).to.equal(0);
    const before = state();
    // The host's own, and that with the newer keys.
    expect(before).to.have.length(2);
    rmSync(work.path('cache/store'), { recursive: true });
    const { code, output } = await build();
    expect(code, output).to.equal(0);
    expect(state()).to.deep.equal(before);
    expect(await leftovers(work.path(), work.path('cache'))).to.deep.equal([]);
  });
});

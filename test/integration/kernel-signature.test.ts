import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { expect } from 'chai';
import { withSandbox } from '../../lib/system/sandbox';
import {
  DEVELOPER,
  failure,
  fixtures,
  NAME,
  preparedIn,
  SHA256,
  STRANGER,
  type TestWork,
  testWork,
  unpackedIn,
} from '../unit/kernel/support';

describe("the verification of the kernel's source", () => {
  let work: TestWork;
  beforeEach(() => {
    work = testWork();
  });
  afterEach(() => work.remove());
  const prepare = preparedIn(() => work);
  const unpacked = (): string[] => unpackedIn(work);

  const file = join(fixtures, NAME);

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
    expect((await failure(() => prepare({ file: other, signature, keys: [DEVELOPER] }))).message).to.contain(
      'the signature does not match',
    );
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
    expect(String(error)).to.contain('Nothing was unpacked').and.contain('Remove it from kernel.source.keys');
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
});

const LONG_AGO = ['--faked-system-time', '20200601T000000'];

/** A signature of a file by a key that is made for it: a good one, or one that was revoked or expired since. */
function signedBy(
  state: 'good' | 'revoked' | 'expired',
  file: string,
  work: TestWork,
  signing = LONG_AGO,
): Promise<{ signature: string; key: string }> {
  const signature = join(work.root, `${basename(file)}.sig`);
  const key = join(work.root, `${state}.gpg`);
  // gpg leaves an agent behind, which ends with the sandbox, and takes no home folder with a colon in its path.
  const home = mkdtempSync(join(tmpdir(), 'dock0-gnupg-'));
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
  }).finally(() => rmSync(home, { recursive: true, force: true }));
}

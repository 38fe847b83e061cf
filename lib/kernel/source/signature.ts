import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Dock0Error } from '../../error';
import { CommandError } from '../../system/process';
import type { Work } from '../work';

/** Why a signature is not accepted. */
interface Refused {
  why: string;
  hint: string;
  /** Whether the signed file may be at fault, and not the keys alone. */
  tarball: boolean;
}

/** A name: gpgv looks for it in its home folder, and takes no path with a colon. */
const RING = 'keys.gpg';

/**
 * Verifies a detached OpenPGP signature with gpgv(1) against the keys of the configuration and no others.
 *
 * @param file what is signed
 * @param name what the file is called in messages
 * @param keys key files, armored or not
 * @returns why it is refused: unsigned, signed with an unknown, revoked or expired key, or another file than was signed;
 * undefined when it is accepted
 * @throws Dock0Error when no key is named, or gpgv can't be run
 */
export async function verifySignature(
  file: string,
  name: string,
  signature: string,
  keys: readonly string[],
  work: Work,
): Promise<Refused | undefined> {
  if (keys.length === 0) {
    throw new Dock0Error(`${name} is signed, but kernel.source.keys names no key to verify it with`, {
      hint: 'List the key files of the developers you trust, exported with `gpg --export`.',
    });
  }
  await writeFile(join(work.tmp, RING), Buffer.concat(await Promise.all(keys.map(keyOf))));
  const args = ['--status-fd', '1', '--keyring', RING, '--', signature, file];
  const said = await work
    .run('gpgv', args, { env: { GNUPGHOME: work.tmp, LC_ALL: 'C' }, okCodes: [0, 1, 2] })
    .catch((error) => {
      throw error instanceof CommandError
        ? new Dock0Error(`${name} can't be verified: ${error.message}`)
        : error;
    });
  const by = /^\[GNUPG:\] VALIDSIG ([0-9A-F]+)/m.exec(said.stdout)?.[1];
  const refused = whyNot(said.stdout);
  // For gpgv, signatures by revoked and expired keys are valid (exit code 0): only GOODSIG excludes both.
  if (
    refused === undefined &&
    said.code === 0 &&
    by !== undefined &&
    /^\[GNUPG:\] GOODSIG /m.test(said.stdout)
  ) {
    work.log(`${name} is signed by ${by}`);
    return undefined;
  }
  return refused ?? { why: 'there is no signature in the signature file', hint: CHECK, tarball: true };
}

const CHECK = 'Check kernel.source.signature and kernel.source.keys.';

/** From GnuPG's doc/DETAILS, "Format of the --status-fd output". */
function whyNot(status: string): Refused | undefined {
  const said = (words: string): string | undefined =>
    new RegExp(`^\\[GNUPG:\\] (?:${words}) ([0-9A-F]+)`, 'm').exec(status)?.[1];
  const revoked = said('REVKEYSIG');
  const expired = said('EXPKEYSIG');
  const late = said('EXPSIG');
  const unknown = said('NO_PUBKEY|ERRSIG');
  if (said('BADSIG') !== undefined)
    return { why: 'the signature does not match the file', hint: CHECK, tarball: true };
  if (revoked !== undefined)
    return {
      why: `signed with the key ${revoked}, which its owner revoked`,
      hint: "Others may have it. Remove it from kernel.source.keys and use a release that is signed with its owner's new key.",
      tarball: false,
    };
  if (expired !== undefined)
    return {
      why: `signed with the key ${expired}, which is expired in kernel.source.keys`,
      hint: 'Its owner may have extended it: `gpg --refresh-keys` fetches the new date; then export the key again.',
      tarball: false,
    };
  if (late !== undefined)
    return { why: `the signature by the key ${late} is expired`, hint: CHECK, tarball: false };
  if (unknown !== undefined)
    return {
      why: `signed with the key ${unknown}, which is not in kernel.source.keys`,
      hint: CHECK,
      tarball: false,
    };
  return undefined;
}

/** A key file as gpgv reads it: without the armor (RFC 9580, section 6.2). */
async function keyOf(path: string): Promise<Buffer> {
  const bytes = await readFile(path);
  const text = bytes.toString('latin1');
  if (!text.includes('-----BEGIN PGP PUBLIC KEY BLOCK-----')) return bytes;
  const blocks = text.matchAll(/-----BEGIN PGP PUBLIC KEY BLOCK-----\r?\n([\s\S]*?)-----END PGP/g);
  return Buffer.concat([...blocks].map(([, block = '']) => dearmored(block)));
}

function dearmored(block: string): Buffer {
  const lines = block.split(/\r?\n/);
  const body = lines.slice(lines.indexOf('') + 1).filter((line) => !line.startsWith('='));
  return Buffer.from(body.join(''), 'base64');
}

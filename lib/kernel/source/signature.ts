import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Dock0Error } from '../../error';
import { CommandError } from '../../system/process';
import type { Work } from '../work';

/**
 * Verifies a detached OpenPGP signature with gpgv(1) against the keys of the configuration and no others.
 *
 * @param file what is signed
 * @param name what the file is called in an error
 * @param keys key files, armored or not
 * @throws Dock0Error when no key of these made the signature, or the file is not what was signed
 */
export async function verifySignature(
  file: string,
  name: string,
  signature: string,
  keys: readonly string[],
  work: Work,
): Promise<void> {
  if (keys.length === 0) {
    throw new Dock0Error(`${name} is signed, but kernel.source.keys names no key to verify it with`, {
      hint: 'List the key files of the developers you trust, exported with `gpg --export`.',
    });
  }
  const ring = join(work.tmp, 'keys.gpg');
  await writeFile(ring, Buffer.concat(await Promise.all(keys.map(keyOf))));
  const args = ['--status-fd', '1', '--keyring', ring, '--', signature, file];
  const said = await work
    .run('gpgv', args, { env: { GNUPGHOME: work.tmp, LC_ALL: 'C' }, okCodes: [0, 1, 2] })
    .catch((error) => {
      throw error instanceof CommandError
        ? new Dock0Error(`${name} can't be verified: ${error.message}`)
        : error;
    });
  const by = /^\[GNUPG:\] VALIDSIG ([0-9A-F]+)/m.exec(said.stdout)?.[1];
  if (said.code === 0 && by !== undefined) {
    work.log(`${name} is signed by ${by}`);
    return;
  }
  throw new Dock0Error(`${name}: ${whyNot(said.stdout)}`, {
    hint: 'Nothing was unpacked. Check kernel.source.signature and kernel.source.keys.',
  });
}

/** From GnuPG's doc/DETAILS, "Format of the --status-fd output". */
function whyNot(status: string): string {
  const unknown = /^\[GNUPG:\] (?:NO_PUBKEY|ERRSIG) ([0-9A-F]+)/m.exec(status)?.[1];
  if (/^\[GNUPG:\] BADSIG/m.test(status)) return 'the signature is wrong: this is not what was signed';
  if (/^\[GNUPG:\] (EXPKEYSIG|KEYEXPIRED|REVKEYSIG)/m.test(status))
    return 'the signing key is expired or revoked';
  if (unknown !== undefined) return `signed with the key ${unknown}, which is none of kernel.source.keys`;
  return 'there is no signature in the signature file';
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

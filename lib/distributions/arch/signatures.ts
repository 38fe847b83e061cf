import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import { appendFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Dock0Error } from '../../error';
import type { CommandError } from '../../system/process';
import type { Sandbox } from '../../system/sandbox';
import type { ResolvedPackage } from '../package';
import type { PackageFile } from './description';
import { UNTRUSTED } from './problems';

/** Whether a repository's packages may have signatures that count, and whether they must. */
export function signaturesOf(sigLevel: string): 'never' | 'optional' | 'required' {
  let level: 'never' | 'optional' | 'required' = 'optional';
  for (const word of sigLevel.split(/\s+/)) {
    const [, value] = /^(?:Package)?(Never|Optional|Required)$/.exec(word) ?? [];
    if (value !== undefined) level = value.toLowerCase() as typeof level;
  }
  return level;
}

/** Whether a file is an OpenPGP signature. A binary one begins with a signature packet's tag (RFC 4880, 4.2 and 5.2), an armoured one with its header. */
export function isSignature(file: string): boolean {
  const start = Buffer.alloc(32);
  const descriptor = openSync(file, 'r');
  try {
    readSync(descriptor, start);
  } finally {
    closeSync(descriptor);
  }
  const tag = start[0] ?? 0;
  return (
    (tag & 0xfc) === 0x88 || tag === 0xc2 || start.toString('latin1').startsWith('-----BEGIN PGP SIGNATURE')
  );
}

// pacman looks for a key it does not have on key servers, and what `--noconfirm` makes it import it keeps.
const OFFLINE = '\n# What is trusted is not up to the network.\ndisable-dirmngr\n';

/**
 * Copies a keyring for one call of pacman in a sandbox, which may write into it but reaches no key server.
 *
 * @param keyring may not exist: where nothing is to be checked there is none
 */
export async function copyKeyring(keyring: string, to: string, sandbox: Sandbox): Promise<void> {
  if (!existsSync(keyring)) return;
  await sandbox.run('cp', ['--recursive', '--preserve=mode,ownership', '--', `${keyring}/.`, to]);
  await appendFile(sandbox.path(join(to, 'gpg.conf')), OFFLINE);
}

interface Checked {
  files: ReadonlyMap<ResolvedPackage, PackageFile>;
  keyring: string;
  sandbox: Sandbox;
}

/** Says which packages are signed with keys that the keyring does not have, and forgets their signatures. */
export async function unknownSigner(
  { files, keyring, sandbox }: Checked,
  cause: CommandError,
): Promise<Dock0Error> {
  const said: string[] = [];
  for (const [{ name }, { path }] of files) {
    if (!existsSync(`${path}.sig`)) continue;
    const flags = ['--homedir', keyring, '--batch', '--status-fd', '1', '--verify', `${path}.sig`, path];
    const { stdout } = await sandbox.run('gpg', flags, { okCodes: [0, 1, 2] });
    const key = /^\[GNUPG:\] NO_PUBKEY ([0-9A-F]+)/m.exec(stdout)?.[1];
    if (key === undefined) continue;
    await rm(`${path}.sig`, { force: true });
    said.push(`${name}: signed by the key ${key}, which is not trusted`);
  }
  return new Dock0Error(said.join('\n') || 'a key that packages are signed with is not in the keyring', {
    hint: UNTRUSTED,
    cause,
  });
}

/** A signature that came damaged should not stay in the cache: the next build asks the mirrors again. */
export async function dropBadSignatures(
  job: Pick<Checked, 'files'>,
  output: readonly string[],
): Promise<void> {
  const text = output.join('\n');
  for (const [{ name }, { path }] of job.files) {
    if (text.includes(`error: ${name}: `)) await rm(`${path}.sig`, { force: true });
  }
}

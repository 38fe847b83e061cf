import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import { appendFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Dock0Error } from '../../error';
import type { CommandError } from '../../system/process';
import type { Sandbox } from '../../system/sandbox';
import type { ResolvedPackage } from '../package';
import type { PackageFile } from './description';
import { UNTRUSTED } from './problems';

/** Whether the signatures of a repository's packages are checked, and whether they are required. */
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

// pacman looks for unknown keys on key servers, and `--noconfirm` makes it import what it finds.
const OFFLINE = '\n# No key comes from the network.\ndisable-dirmngr\n';

/**
 * Copies a keyring for one run of pacman in a sandbox, which may write into the copy but reaches no key server.
 *
 * @param keyring may not exist: without checks there is none
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

/** Names the packages that are signed by unknown keys, and removes their signatures from the cache. */
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
    said.push(`${name}: signed by the key ${key}, which is untrusted`);
  }
  return new Dock0Error(said.join('\n') || 'packages are signed by a key that is not in the keyring', {
    hint: UNTRUSTED,
    cause,
  });
}

/** Removes damaged signatures from the cache: the next build fetches them again. */
export async function dropBadSignatures(
  job: Pick<Checked, 'files'>,
  output: readonly string[],
): Promise<void> {
  const text = output.join('\n');
  for (const [{ name }, { path }] of job.files) {
    if (text.includes(`error: ${name}: `)) await rm(`${path}.sig`, { force: true });
  }
}

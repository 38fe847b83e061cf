import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Dock0Error } from '../error';
import { guard } from '../system/guard';
import { CommandError } from '../system/process';
import { type Runner, type Sandbox, withSandbox } from '../system/sandbox';

/** Where Arch, and Debian's archlinux-keyring, have the keys Arch's packages are signed with. */
const DISTRIBUTION_KEYS = ['/usr/share/pacman/keyrings/archlinux.gpg', '/usr/share/keyrings/archlinux.gpg'];

/** What a keyring is made of. */
export interface KeyringSpec {
  /** OpenPGP key files that are trusted. */
  keys: readonly string[];
  /** Whether Arch's own keys are, where this machine has them. */
  distribution: boolean;
}

/**
 * Gives pacman's keyring folder (GPGDir) for a set of keys: made once, kept in the cache. The host's keyring is
 * neither read nor changed.
 *
 * @throws Dock0Error when a file holds no OpenPGP key, or when there is no key at all
 */
export async function keyringFor(
  spec: KeyringSpec,
  cache: string,
  run: Runner,
  signal: AbortSignal,
): Promise<string> {
  const files = filesOf(spec);
  if (files.length === 0) {
    throw new Dock0Error("no key to check the packages' signatures with", {
      hint: 'Install archlinux-keyring (`gulp setup` does), or name key files in pacman.keys.',
    });
  }
  const folder = join(cache, 'pacman', 'keyrings', digestOf(files));
  if (existsSync(folder)) return folder;
  const work = `${folder}.${process.pid}`;
  const held = await guard(join(cache, 'locks', 'pacman-keyring.lock'), { remove: [work], signal });
  try {
    if (existsSync(folder)) return folder;
    await mkdir(work, { recursive: true });
    await withSandbox(run, (sandbox) =>
      makeKeyring(spec.keys, distributionKeys(spec) !== undefined, work, sandbox),
    );
    await rename(work, folder);
    return folder;
  } finally {
    await held.release();
  }
}

/** The folder in which keyrings are made: a tmpfs of the sandbox, since gpg-agent's socket needs a short path. */
const HOME = '/run/keyring';

async function makeKeyring(
  keys: readonly string[],
  distribution: boolean,
  out: string,
  { run, mount }: Sandbox,
): Promise<void> {
  await mount('tmpfs', '/run', 'tmpfs', 'mode=755');
  await run('pacman-key', ['--gpgdir', HOME, '--init']);
  if (distribution) await run('pacman-key', ['--gpgdir', HOME, '--populate', 'archlinux']);
  for (const file of keys) {
    const fingerprints = await fingerprintsOf(file, run);
    await run('pacman-key', ['--gpgdir', HOME, '--add', file]);
    await run('pacman-key', ['--gpgdir', HOME, '--lsign-key', ...fingerprints]);
  }
  await run('gpgconf', ['--homedir', HOME, '--kill', 'all']);
  // Sockets are no part of a keyring.
  await run('find', [HOME, '-type', 's', '-delete']);
  await run('cp', ['--recursive', '--preserve=mode,ownership', '--', `${HOME}/.`, out]);
}

async function fingerprintsOf(file: string, run: Runner): Promise<string[]> {
  const flags = ['--homedir', HOME, '--batch', '--with-colons', '--show-keys', '--', file];
  const shown = await run('gpg', flags).catch((error: unknown) => {
    if (error instanceof CommandError) return { stdout: '' };
    throw error;
  });
  // Listed as `pub`, then its `fpr`; sub-keys follow as `sub` with theirs (doc/DETAILS of GnuPG).
  const found = [...shown.stdout.matchAll(/^pub:.*\n(?:fpr:+)([0-9A-F]+):/gm)].map(
    ([, fingerprint = '']) => fingerprint,
  );
  if (found.length > 0) return found;
  throw new Dock0Error(`${file}: not an OpenPGP public key`, {
    hint: 'It is what `gpg --export --armor KEY` prints.',
  });
}

/** Changes with every key of a keyring, the distribution's included. */
export function keyringDigest(spec: KeyringSpec): string {
  return digestOf(filesOf(spec));
}

function distributionKeys({ distribution }: KeyringSpec): string | undefined {
  return distribution ? DISTRIBUTION_KEYS.find((file) => existsSync(file)) : undefined;
}

function filesOf(spec: KeyringSpec): string[] {
  return [...new Set([...spec.keys, distributionKeys(spec) ?? []].flat())];
}

function digestOf(files: readonly string[]): string {
  const hash = createHash('sha256');
  for (const file of files) {
    for (const part of partsOf(file)) hash.update(`${readFileSync(part).length} `).update(readFileSync(part));
  }
  return hash.digest('hex').slice(0, 24);
}

// Beside a distribution's keys there are lists of those trusted and those revoked (pacman-key(8), --populate).
function partsOf(file: string): string[] {
  const beside = ['archlinux-trusted', 'archlinux-revoked'].map((name) => join(dirname(file), name));
  return [file, ...(DISTRIBUTION_KEYS.includes(file) ? beside.filter((part) => existsSync(part)) : [])];
}

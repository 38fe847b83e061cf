import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Dock0Error } from '../../error';
import { guard } from '../../system/guard';
import { CommandError } from '../../system/process';
import { type Runner, type Sandbox, withSandbox } from '../../system/sandbox';

/** Where Arch, and Debian's archlinux-keyring, have the keys Arch's packages are signed with. */
export const DISTRIBUTION_KEYS: readonly string[] = [
  '/usr/share/pacman/keyrings/archlinux.gpg',
  '/usr/share/keyrings/archlinux.gpg',
];

/** What a keyring is made of. */
export interface KeyringSpec {
  /** OpenPGP key files, each key of which is trusted. */
  keys: readonly string[];
  /** Whether Arch's own keys are, where this machine has them. */
  distribution: boolean;
  /** A package `archlinux-keyring`, whose keys are added if it is signed by one of Arch's that this host trusts. */
  newer?: { file: string; sha256: string } | undefined;
}

/** This machine's file of Arch's keys, where it has one. */
export function distributionKeys(): string | undefined {
  return DISTRIBUTION_KEYS.find((file) => existsSync(file));
}

/**
 * Gives pacman's keyring folder (GPGDir) for a set of keys: made once, kept in the cache. The host's keyring is
 * neither read nor changed.
 *
 * @throws Dock0Error when a file holds no OpenPGP key, when there is no key at all, or when `newer` has no trusted signature
 */
export async function keyringFor(
  spec: KeyringSpec,
  cache: string,
  run: Runner,
  signal: AbortSignal,
): Promise<string> {
  const files = filesOf(spec);
  if (files.length === 0) {
    throw new Dock0Error("no key to check the packages' signatures", {
      hint: 'Install archlinux-keyring (`gulp setup` does), or list key files in pacman.keys.',
    });
  }
  const folder = join(cache, 'pacman', 'keyrings', digestOf(files, spec.newer?.sha256));
  if (existsSync(folder)) return folder;
  const work = `${folder}.${process.pid}`;
  const held = await guard(join(cache, 'locks', 'pacman-keyring.lock'), { remove: [work], signal });
  try {
    if (existsSync(folder)) return folder;
    await rm(work, { recursive: true, force: true });
    await mkdir(work, { recursive: true });
    const own = spec.distribution ? distributionKeys() : undefined;
    await withSandbox(run, (sandbox) => makeKeyring(spec, own, work, sandbox));
    await rename(work, folder);
    return folder;
  } finally {
    await held.release();
  }
}

/** The folder in which keyrings are made: a tmpfs of the sandbox, since gpg-agent's socket needs a short path. */
const HOME = '/run/keyring';

async function makeKeyring(
  { keys, newer }: KeyringSpec,
  own: string | undefined,
  out: string,
  sandbox: Sandbox,
): Promise<void> {
  const { run, mount } = sandbox;
  await mount('tmpfs', '/run', 'tmpfs', 'mode=755');
  await run('pacman-key', ['--gpgdir', HOME, '--init']);
  if (own !== undefined) {
    await run('pacman-key', ['--gpgdir', HOME, '--populate', 'archlinux']);
    if (newer !== undefined) await addNewer(newer.file, dirname(own), sandbox);
  }
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

/** Where the package is unpacked, and the folder with the keys in it. */
const UNPACKED = '/run/archlinux-keyring';
const INSIDE = 'usr/share/pacman/keyrings';

/**
 * Adds the keys of a package `archlinux-keyring`. First only the keys, without its lists of trusted ones: each key is
 * trusted as far as the already trusted master keys have signed it. So extended keys are valid again and new packagers
 * known, one of whom may have signed the package. Its lists of trusted and revoked keys are applied only when that
 * signature is good.
 */
async function addNewer(file: string, importFolder: string, { run, mount }: Sandbox): Promise<void> {
  await run('mkdir', ['--', UNPACKED]);
  try {
    await run('bsdtar', ['-xf', file, '-C', UNPACKED, INSIDE]);
    const keys = `${UNPACKED}/${INSIDE}/archlinux.gpg`;
    // 2: some of it was skipped, such as signatures with outdated algorithms.
    await run('gpg', ['--homedir', HOME, '--batch', '--quiet', '--import', keys], { okCodes: [0, 2] });
    await run('pacman-key', ['--gpgdir', HOME, '--updatedb']);
  } catch (error) {
    if (error instanceof CommandError) throw new Dock0Error('it contains no keys', { cause: error });
    throw error;
  }
  if (!(await isVouchedFor(file, run))) throw new Dock0Error('unsigned, or signed by an untrusted key');
  // pacman-key populates from one folder only.
  await mount(`${UNPACKED}/${INSIDE}`, importFolder, 'none', 'bind');
  await run('pacman-key', ['--gpgdir', HOME, '--populate', 'archlinux']);
}

/** Whether the signature beside a file is valid and made by a trusted key (doc/DETAILS of GnuPG). */
async function isVouchedFor(file: string, run: Runner): Promise<boolean> {
  const gpg = ['--homedir', HOME, '--batch'];
  const verify = [...gpg, '--status-fd', '1', '--verify', '--', `${file}.sig`, file];
  const { stdout: status } = await run('gpg', verify, { okCodes: [0, 1, 2] });
  // Not with an expired or revoked key (EXPKEYSIG, REVKEYSIG). The last word is the primary key.
  const key = /^\[GNUPG:\] VALIDSIG .*?([0-9A-F]+)$/m.exec(status)?.[1];
  const good = /^\[GNUPG:\] GOODSIG /m.test(status) && /^\[GNUPG:\] TRUST_(FULLY|ULTIMATE)\b/m.test(status);
  if (!good || key === undefined) return false;
  // pacman-key disables keys that were revoked; gpg says nothing of it when it verifies.
  const { stdout: listed } = await run('gpg', [...gpg, '--with-colons', '--list-keys', '--', key]);
  const [, capabilities] = /^pub:(?:[^:]*:){10}([^:]*):/m.exec(listed) ?? [];
  return capabilities !== undefined && !capabilities.includes('D');
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

function filesOf({ keys, distribution }: KeyringSpec): string[] {
  const own = distribution ? distributionKeys() : undefined;
  return [...new Set([...keys, ...(own === undefined ? [] : [own])])];
}

function digestOf(files: readonly string[], newer = ''): string {
  const hash = createHash('sha256').update(newer);
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

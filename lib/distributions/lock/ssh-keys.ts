import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { BuildContext } from '../../build';
import type { Config } from '../../config/schema';
import { isKeyUrl, sshKeyProblem } from '../../config/ssh-key';
import { Dock0Error } from '../../error';
import { curl } from '../../system/curl';
import { run } from '../../system/process';
import { lockedImage, lockName } from './locked';

/** Lines of public keys, by the URL of the file that has them. */
export type KeyFiles = Readonly<Record<string, readonly string[]>>;

/** A larger file is no list of keys. */
const MOST_BYTES = 1 << 20;

/** The URLs of keys that a configuration names, sorted. */
export function keyUrls({ root, users }: Pick<Config, 'root' | 'users'>): string[] {
  const stated = [root, ...Object.values(users)].flatMap(({ ssh_keys }) => ssh_keys);
  return [...new Set(stated.filter(isKeyUrl))].sort();
}

/**
 * The keys behind the URLs of a configuration and of what all hosts share: as the lock file has them where there is one,
 * without a look at the network once they are in the cache.
 *
 * @throws Dock0Error for a file that cannot be fetched, that is no list of keys, or that is another than the locked one
 */
export async function keysOf(context: BuildContext): Promise<KeyFiles> {
  const { config, base, mask, warn } = context;
  const urls = [...new Set([...keyUrls(config), ...keyUrls(base)])].sort();
  const locked = lockedImage(context);
  const found: Record<string, readonly string[]> = {};
  for (const url of urls) {
    // Secrets in it are there by their names.
    const sha256 = locked?.ssh_keys?.[mask(url)];
    if (locked !== undefined && sha256 === undefined)
      throw new Dock0Error(`${lockName(config)}: not what \`ssh_keys\` requests: ${url} was added`, {
        hint: '`gulp lock` with the flags of this build adds it.',
      });
    if (sha256 === undefined && url.startsWith('http:'))
      warn(`ssh_keys: ${url} is fetched without TLS and not locked: whoever is on the way can put in a key`);
    found[url] = linesOf(url, await textOf(url, sha256, context));
  }
  return found;
}

/**
 * Fetches the files of keys that a configuration names, for the lock file.
 *
 * @param known SHA-256 by URL of those that stay as they are
 * @returns SHA-256 by URL, in which secrets are by their names
 */
export async function lockKeys(
  context: BuildContext,
  known: Readonly<Record<string, string>>,
): Promise<Record<string, string>> {
  const locked: Record<string, string> = {};
  for (const url of keyUrls(context.config)) {
    const name = context.mask(url);
    const text = await textOf(url, known[name], context);
    linesOf(url, text);
    locked[name] = sha256Of(text);
  }
  return locked;
}

type FetchContext = Pick<BuildContext, 'cache' | 'signal'> & { config: Pick<Config, 'lock'> };

/** What was fetched without a lock, so that one run sees one state of it. */
const fetched = new WeakMap<AbortSignal, Map<string, Promise<string>>>();

async function textOf(url: string, sha256: string | undefined, context: FetchContext): Promise<string> {
  const folder = join(context.cache, 'downloads/ssh-keys');
  if (sha256 !== undefined) {
    const file = join(folder, sha256);
    const kept = existsSync(file) ? readFileSync(file, 'utf8') : undefined;
    if (kept !== undefined && sha256Of(kept) === sha256) return kept;
  }
  const run = fetched.get(context.signal) ?? new Map<string, Promise<string>>();
  fetched.set(context.signal, run);
  const text = await (run.get(url) ?? remembered(run, url, fetchText(url, folder, context)));
  if (sha256 !== undefined && sha256Of(text) !== sha256)
    throw new Dock0Error(`${lockName(context.config)}: the keys at ${url} are not those that were locked`, {
      hint: 'Look at what changed; `gulp update` locks the keys that are there now.',
    });
  return text;
}

function remembered(run: Map<string, Promise<string>>, url: string, text: Promise<string>): Promise<string> {
  run.set(url, text);
  return text;
}

async function fetchText(url: string, folder: string, { signal }: FetchContext): Promise<string> {
  mkdirSync(folder, { recursive: true });
  const output = join(folder, `${randomBytes(6).toString('hex')}.part`);
  const transfer = { url, output, resumed: false, ifRange: undefined, headers: undefined, patient: false };
  try {
    const [answer] = await curl([transfer], { run, signal });
    if (answer?.outcome !== 'whole')
      throw new Dock0Error(`ssh_keys: ${url} cannot be fetched: ${answer?.reason ?? 'no answer'}`, {
        hint: 'Once they are locked (`gulp lock`) and in the cache, builds do not ask for them any more.',
      });
    // curl makes no file of an empty answer.
    const bytes = statSync(output, { throwIfNoEntry: false })?.size ?? 0;
    if (bytes === 0 || bytes > MOST_BYTES)
      throw new Dock0Error(`ssh_keys: ${url} is no list of public keys: it has ${bytes} bytes`);
    const text = readFileSync(output, 'utf8');
    renameSync(output, join(folder, sha256Of(text)));
    return text;
  } finally {
    rmSync(output, { force: true });
  }
}

/** @throws Dock0Error naming the line that is no key */
function linesOf(url: string, text: string): string[] {
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  for (const [at, line] of lines.entries()) {
    const problem = line === '' || line.startsWith('#') ? undefined : sshKeyProblem(line);
    if (problem !== undefined) throw new Dock0Error(`ssh_keys: ${url}, line ${at + 1}: ${problem}`);
  }
  const keys = lines.filter((line) => line !== '' && !line.startsWith('#'));
  if (keys.length === 0) throw new Dock0Error(`ssh_keys: ${url} has no key`);
  return keys;
}

function sha256Of(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

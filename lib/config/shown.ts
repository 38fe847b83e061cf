import { createHmac } from 'node:crypto';
import { join, relative } from 'node:path';
import { Dock0Error } from '../error';
import type { Json } from '../json';
import { packageFolder } from './paths';
import { referenceTo } from './references';
import type { Config } from './schema';
import type { Outside, ShownAt } from './shown-at';

/** A shorter value of the environment is not hidden: it is part of too many other texts. */
const LEAST_SECRET = 4;

/**
 * The configuration as manifests and logs may show it: without the hashes of passwords, the secrets of containers and the
 * place of the key that signs, with references in place of values of the environment and secrets, and with paths relative to the working directory or this package.
 */
export function shownConfig(config: Config, shownAt: ShownAt, outside: Outside, cwd: string): Json {
  const covered = <T extends Config['root']>(account: T): T => ({
    ...account,
    password: account.password === 'locked' ? 'locked' : 'a hash',
  });
  const stated = eachText(config, (text, keys) => portableText(shownAt(keys, text), cwd)) as Config;
  const users = Object.fromEntries(Object.entries(stated.users).map(([name, user]) => [name, covered(user)]));
  const containers = Object.fromEntries(
    Object.entries(stated.containers).map(([name, { secrets, ...rest }]) => [
      name,
      { ...rest, secrets: Object.fromEntries(Object.keys(secrets).map((secret) => [secret, 'a secret'])) },
    ]),
  );
  const install = {
    ...stated.install,
    secure_boot: stated.install.secure_boot && 'a key and its certificate',
  };
  const whole = { ...stated, root: covered(stated.root), users, containers, install };
  return hidden(whole, longestFirst(secretsOf(outside)), referenceTo);
}

/** What is hidden of a configuration wherever it comes from: hashes of passwords, and the secrets of containers. */
export function passwordsOf({
  root,
  users,
  containers,
}: Pick<Config, 'root' | 'users' | 'containers'>): string[] {
  const hashes = [root, ...Object.values(users)].map(({ password }) => password);
  const secrets = Object.values(containers).flatMap((container) => Object.values(container.secrets));
  return [...hashes.filter((password) => password !== 'locked'), ...secrets];
}

/**
 * What of what came from outside is hidden in records: not a value of the environment that the configurations themselves
 * state somewhere, as a text or in one. It is no secret, and records of what is stated must not change with it.
 */
export function unstated(
  outside: Outside,
  configs: readonly { config: Config; shownAt: ShownAt }[],
  cwd: string,
): Outside {
  const stated = new Set<string>();
  for (const { config, shownAt } of configs)
    eachText(config, (text, keys) => {
      if (shownAt(keys, text) === text) stated.add(portableText(text, cwd));
      return text;
    });
  const isStated = (value: string): boolean => [...stated].some((text) => text.includes(value));
  return Object.fromEntries(
    Object.entries(outside).filter(([name, value]) => !name.startsWith('env:') || !isStated(value)),
  );
}

/** What templates, scripts and hooks see of configurations, and how records of it are kept. */
export interface View {
  /** The configuration with paths relative to the working directory or this package: the same on every machine. */
  of: (config: Config) => Config;
  /**
   * A value as a record keeps it: a value of the environment or a secret is there as its keyed hash, so that a change
   * of it shows and the value does not.
   */
  record: (value: unknown) => Json;
}

/**
 * @param passwords hashes of passwords, which are hidden like values of the environment
 * @param key gives the key that hides values; asked when there is something to hide
 */
export function viewOf(outside: Outside, passwords: readonly string[], cwd: string, key: () => Buffer): View {
  const secrets = longestFirst([
    ...Object.entries(outside),
    ...passwords.map((text): [string, string] => ['password', text]),
  ]);
  const hash = (text: string): string => createHmac('sha256', key()).update(text).digest('hex').slice(0, 16);
  return {
    of: (config) => portable(config, cwd),
    record: (value) => hidden(value, secrets, (reference, text) => referenceTo(`${reference} ${hash(text)}`)),
  };
}

/** Texts in the order in which they are replaced: one may have a shorter one in it. */
function longestFirst<T extends readonly [string, string]>(texts: readonly T[]): T[] {
  return texts.filter(([, text]) => text.length >= LEAST_SECRET).sort(([, a], [, b]) => b.length - a.length);
}

/**
 * A value as JSON has it, texts replaced in every text of it.
 *
 * @param texts in their order
 */
function hidden(
  value: unknown,
  texts: readonly (readonly [string, string])[],
  shown: (reference: string, text: string) => string,
): Json {
  return eachText(value, (text) => {
    let result = text;
    for (const [reference, part] of texts)
      if (result.includes(part)) result = result.replaceAll(part, () => shown(reference, part));
    return result;
  }) as Json;
}

function portable<T>(config: T, cwd: string): T {
  return eachText(config, (text) => portableText(text, cwd)) as T;
}

function portableText(text: string, cwd: string): string {
  const ours = packageFolder();
  // The package first, so that its files have the same name wherever it and the working directory are.
  if (isIn(`${ours}/configs`, text)) return join('gulp-dock0', relative(ours, text));
  return isIn(cwd, text) ? relative(cwd, text) || '.' : text;
}

/**
 * A copy of a value as JSON has it: members that are undefined are left out.
 *
 * @param change gives another text; the keys that lead to it are those of this moment
 */
function eachText(
  value: unknown,
  change: (text: string, keys: readonly string[]) => string,
  keys: string[] = [],
): unknown {
  if (typeof value === 'string') return change(value, keys);
  if (typeof value === 'number' && !Number.isFinite(value)) return null;
  if (typeof value === 'bigint' || typeof value === 'function' || typeof value === 'symbol')
    throw new Dock0Error(`expected plain data, found a ${typeof value}`);
  if (typeof value !== 'object' || value === null) return value;
  // Loops, since this goes through all that a build has, before V8 has optimized anything.
  if (Array.isArray(value)) {
    const copy: unknown[] = [];
    for (let at = 0; at < value.length; at++) {
      keys.push(String(at));
      copy.push(eachText(value[at] ?? null, change, keys));
      keys.pop();
    }
    return copy;
  }
  if (!isPlain(value)) throw new Dock0Error(`expected plain data, found ${value.constructor.name}`);
  const copy: Record<string, unknown> = {};
  for (const key of Object.keys(value)) {
    const member = (value as Record<string, unknown>)[key];
    if (member === undefined) continue;
    keys.push(key);
    const changed = eachText(member, change, keys);
    keys.pop();
    // An assignment would change what the copy inherits from.
    if (key === '__proto__') Object.defineProperty(copy, key, { value: changed, ...PLAIN });
    else copy[key] = changed;
  }
  return copy;
}

const PLAIN = { configurable: true, enumerable: true, writable: true };

/** Whether an object is a map and nothing else: what a date or a set holds does not show in a record. */
function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** Hides secrets in a line for a log or a screen. Values of the environment, which are folders mostly, stay. */
export function maskOf(outside: Outside): (line: string) => string {
  const secrets = secretsOf(outside);
  if (secrets.length === 0) return (line) => line;
  const texts = longestFirst(
    secrets.flatMap(([name, text]) => formsOf(text).map((form): [string, string] => [name, form])),
  );
  return (line) => hidden(line, texts, referenceTo) as string;
}

function secretsOf(outside: Outside): [string, string][] {
  return Object.entries(outside).filter(([name]) => name.startsWith('secret:'));
}

/** How a text may stand in a line: as it is, by lines, and in JSON. */
function formsOf(text: string): string[] {
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  const plain = [text, text.trim(), ...lines];
  return [...new Set(plain.flatMap((each) => [each, JSON.stringify(each).slice(1, -1)]))];
}

function isIn(folder: string, path: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

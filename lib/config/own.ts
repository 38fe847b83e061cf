import type { Config } from './schema';

/** Some of a configuration's keys, at any depth; lists are whole. */
type Some<T> = T extends readonly unknown[] ? T : T extends object ? { [K in keyof T]?: Some<T[K]> } : T;

export type Own = Some<Config>;

/**
 * The part of a configuration that a tree sets.
 *
 * @param stated the tree's values; of a list, as many items as the tree has are taken from the end
 * @param removed paths that the tree sets to null: their defaults are taken
 */
export function project(
  stated: Record<string, unknown>,
  config: Config,
  removed: readonly (readonly string[])[],
): Own {
  const own = part(stated, config) as Record<string, unknown>;
  for (const keys of removed) put(own, config, keys);
  return own as Own;
}

function part(stated: unknown, value: unknown): unknown {
  if (Array.isArray(stated) && Array.isArray(value)) return value.slice(value.length - stated.length);
  if (!isMap(stated) || !isMap(value)) return value;
  return Object.fromEntries(
    Object.keys(stated)
      .filter((key) => Object.hasOwn(value, key))
      .map((key) => [key, part(stated[key], value[key])]),
  );
}

function put(own: Record<string, unknown>, config: unknown, keys: readonly string[]): void {
  const [key, ...rest] = keys;
  if (key === undefined || !isMap(config) || !Object.hasOwn(config, key)) return;
  if (rest.length === 0) {
    own[key] = config[key];
    return;
  }
  if (!isMap(own[key])) own[key] = {};
  put(own[key] as Record<string, unknown>, config[key], rest);
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

import { type MapNode, nodeAt } from '../node';
import { describe, type Wrong } from '../problems';
import type { Config } from '../schema';

/** What a rule is about, and where it reports. */
export interface Checked {
  config: Config;
  /** The resolved tree behind the configuration. */
  root: MapNode;
  /** Reports what has to be changed. */
  wrong: Wrong;
  /** Reports what can be built, but is hardly what was meant. */
  warn: Wrong;
}

/** Whether files or flags state a key; else its value is a default. */
export function isStated({ root }: Pick<Checked, 'root'>, keys: readonly string[]): boolean {
  return nodeAt(root, keys) !== undefined;
}

/** The value of a key as messages show it; `nothing` where it is a default. */
export function found({ root }: Pick<Checked, 'root'>, keys: readonly string[]): string {
  return describe(nodeAt(root, keys));
}

/** How to drop a key that a file below sets. */
export const REMOVE = '; null removes what a lower file sets';

/** Reports a map that does not have exactly one of these keys. */
export function exactlyOne<K extends string>(
  map: { [key in K]?: unknown },
  names: readonly K[],
  keys: readonly string[],
  wrong: Wrong,
): void {
  const stated = names.filter((name) => map[name] !== undefined);
  if (stated.length === 1) return;
  const [, second] = stated;
  const found = stated.length === 0 ? 'none of them' : `${stated.join(' and ')}${REMOVE}`;
  const at = second === undefined ? keys : [...keys, second];
  wrong(at, `expected exactly one of ${names.join(', ')}, found ${found}`);
}

/** A path in the image in its shortest form: `/srv//x/` is `/srv/x`. */
export function plainPath(path: string): string {
  const names = path.split('/').filter((name) => name !== '' && name !== '.');
  return `/${names.join('/')}`;
}

/** Whether a path is a folder, or below it; both in their shortest form. */
export function isWithin(folder: string, path: string): boolean {
  return path === folder || path.startsWith(folder === '/' ? '/' : `${folder}/`);
}

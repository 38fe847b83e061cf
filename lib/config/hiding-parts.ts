import type { MapNode, Node } from './node';
import type { Problems } from './problems';
import { maskOf } from './shown';

/** Shorter parts of a secret are parts of too many other texts. */
const LEAST_PART = 4;

/** Takes what is said of keys. */
export type Listener = Pick<Problems, 'add' | 'warn'>;

/**
 * Hides in what is said of keys, whose values have a secret in them, its parts too, since whoever reads a value takes it
 * apart. Whole secrets are hidden by the listener, wherever they are.
 *
 * @param outside what came from outside, by its reference
 */
export function hidingParts(
  listener: Listener,
  root: MapNode,
  outside: Readonly<Record<string, string>>,
): Listener {
  const parts = Object.entries(outside)
    .filter(([reference]) => reference.startsWith('secret:'))
    .flatMap(([reference, text]) => partsOf(text).map((part) => ({ part, shown: `$\{${reference}}` })))
    .sort((a, b) => b.part.length - a.part.length);
  if (parts.length === 0) return listener;
  const any = new RegExp(`\\$\\{secret:\\w+\\}|${parts.map(({ part }) => part).join('|')}`, 'giu');
  const shownFor = new Map(parts.map(({ part, shown }) => [part.toLowerCase(), shown]));
  const whole = maskOf(outside);
  const hidden = (keys: readonly string[], message: string): string => {
    const entry = root.entries.get(keys[0] ?? '');
    if (entry === undefined || !hasSecret(entry.value)) return message;
    // References are found as well, and stay: a part may be the name of one.
    return whole(message).replace(any, (found) => shownFor.get(found.toLowerCase()) ?? found);
  };
  return {
    add: (place, keys, message) => listener.add(place, keys, hidden(keys, message)),
    warn: (place, keys, message) => listener.warn(place, keys, hidden(keys, message)),
  };
}

function partsOf(text: string): string[] {
  return [...new Set(text.split(/[^\p{L}\p{N}]+/u))].filter((part) => part.length >= LEAST_PART);
}

function hasSecret(node: Node): boolean {
  if (node.kind === 'scalar') return node.secret === true;
  if (node.kind === 'list') return node.items.some(hasSecret);
  return [...node.entries.values()].some(({ value }) => hasSecret(value));
}

/** Where a piece of configuration comes from. */
export interface Source {
  /** Its name in messages: a file relative to the working directory, or a flag. */
  name: string;
  /** The folder that its paths are relative to, absolute. */
  folder: string;
  /** Whether messages name lines: not of a flag or a default. */
  lines: boolean;
}

/** A position in a source; line and column count from 1. */
export interface Place {
  source: Source;
  line: number;
  column: number;
}

/** A value and its place. Nodes are immutable, since merging shares them. */
export type Node = ScalarNode | ListNode | MapNode;

export interface ScalarNode {
  kind: 'scalar';
  value: string | number | boolean | null;
  place: Place;
  /** Has a value of the environment in it: never shown. */
  secret?: boolean;
  /** How a text with something from outside is shown: with references in place of values of the environment and secrets. */
  shown?: string;
  /** Has a broken reference in it, which is already reported: its value means nothing. */
  failed?: boolean;
  /** It may have ${ in it that is no reference: those that it had are replaced, or it is a line of another file. */
  literal?: boolean;
  /** A number, true or false as the file has it, where it would be printed otherwise. */
  written?: { text: string; place: Place };
  /** A null that keeps out what `<<` brings. */
  removes?: boolean;
  /** A single value where the schema has a list. */
  alone?: boolean;
}

export interface ListNode {
  kind: 'list';
  items: Node[];
  /** Tagged `!append`: extends the lower list instead of replacing it. */
  append: boolean;
  place: Place;
}

export interface Entry {
  key: Place;
  value: Node;
}

export interface MapNode {
  kind: 'map';
  entries: Map<string, Entry>;
  place: Place;
}

/** The value without its places. */
export function toPlain(node: Node): unknown {
  if (node.kind === 'scalar') return node.value;
  if (node.kind === 'list') return node.items.map(toPlain);
  const plain: Record<string, unknown> = {};
  for (const [key, { value }] of node.entries) define(plain, key, toPlain(value));
  return plain;
}

/** A value as a node, with the same place everywhere. */
export function fromPlain(value: unknown, place: Place): Node {
  if (Array.isArray(value)) {
    return { kind: 'list', items: value.map((item) => fromPlain(item, place)), append: false, place };
  }
  if (typeof value === 'object' && value !== null) {
    const entries = new Map<string, Entry>();
    for (const [key, item] of Object.entries(value)) {
      if (item !== undefined) entries.set(key, { key: place, value: fromPlain(item, place) });
    }
    return { kind: 'map', entries, place };
  }
  return { kind: 'scalar', value: value as ScalarNode['value'], place };
}

/** The child at a key or, in a list, at an index. */
function childOf(node: Node, key: string): Node | undefined {
  if (node.kind === 'map') return node.entries.get(key)?.value;
  if (node.kind === 'list' && /^\d+$/.test(key)) return node.items[Number(key)];
  return undefined;
}

/** The node at a path of keys, if there is one. */
export function nodeAt(root: Node, keys: readonly string[]): Node | undefined {
  let node: Node | undefined = root;
  for (const key of keys) node = node && childOf(node, key);
  return node;
}

/** The place of a path of keys in messages: a scalar's own, the key of a map or list, else the nearest key above. */
export function placeOf(root: Node, keys: readonly string[]): Place {
  let node = root;
  let place = root.place;
  for (const key of keys) {
    const next = childOf(node, key);
    if (next === undefined) return place;
    const stated = node.kind === 'map' ? node.entries.get(key)?.key : undefined;
    place = next.kind === 'scalar' ? next.place : (stated ?? next.place);
    node = next;
  }
  return place;
}

/** Sets an own property of any name, also `__proto__`. */
function define(target: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });
}

/** Where configuration text comes from. */
export interface Source {
  /** As messages name it: a file relative to the working directory, or a `--set` flag. */
  name: string;
  /** The folder that its paths are relative to, absolute. */
  folder: string;
  /** False for what has no lines worth naming: a flag, a built-in default. */
  lines: boolean;
}

/** A spot in a source; line and column count from 1. */
export interface Place {
  source: Source;
  line: number;
  column: number;
}

/** A value as stated, with its place. Nodes are never changed once made: merging shares them. */
export type Node = ScalarNode | ListNode | MapNode;

export interface ScalarNode {
  kind: 'scalar';
  value: string | number | boolean | null;
  place: Place;
  /** Holds something of the environment: never shown. */
  secret?: boolean;
  /** A reference in it leads nowhere, which has been told: what it holds means nothing. */
  failed?: boolean;
  /** Stated alone where a list belongs. */
  alone?: boolean;
}

export interface ListNode {
  kind: 'list';
  items: Node[];
  /** Tagged `!append`: goes behind the list below instead of replacing it. */
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

/** A value with one place for all of it. */
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

/** What is below a key or, in a list, an index. */
export function childOf(node: Node, key: string): Node | undefined {
  if (node.kind === 'map') return node.entries.get(key)?.value;
  if (node.kind === 'list' && /^\d+$/.test(key)) return node.items[Number(key)];
  return undefined;
}

/** The node at a path of keys, if it is stated. */
export function nodeAt(root: Node, keys: readonly string[]): Node | undefined {
  let node: Node | undefined = root;
  for (const key of keys) node = node && childOf(node, key);
  return node;
}

/** The place to name for a path of keys: a scalar's own, a map's or list's key, else the nearest key above it. */
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

/** Sets an own property whatever its name, `__proto__` too. */
function define(target: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });
}

import type { GenericSchema } from 'valibot';
import type { Entry, ListNode, MapNode, Node } from './node';
import { below, treatmentOf } from './walk';

/** Merges two trees: maps merge deeply, a list tagged `!append` extends the lower one, null removes, all else replaces. */
export function merge(lower: MapNode, upper: MapNode): MapNode {
  const entries = new Map(lower.entries);
  for (const [key, entry] of upper.entries) {
    const value = laid(entries.get(key)?.value, entry.value);
    if (value === undefined) entries.delete(key);
    else entries.set(key, { key: entry.key, value });
  }
  return { kind: 'map', entries, place: upper.place };
}

function laid(lower: Node | undefined, upper: Node): Node | undefined {
  if (upper.kind === 'scalar') return upper.value === null ? undefined : upper;
  if (upper.kind === 'list') {
    const own = withoutNulls(upper);
    if (!upper.append || lower === undefined || lower.kind === 'map') return own;
    const items = lower.kind === 'list' ? lower.items : [lower];
    return { ...own, items: [...items, ...own.items] };
  }
  return lower?.kind === 'map' ? merge(lower, upper) : withoutNulls(upper);
}

/** A map or list with nothing below, where a null in a map stands for the default; a list keeps those that are its items. */
function withoutNulls<N extends MapNode | ListNode>(node: N): N;
function withoutNulls(node: MapNode | ListNode): Node {
  if (node.kind === 'map') return merge({ kind: 'map', entries: new Map(), place: node.place }, node);
  return { ...node, items: node.items.map((item) => (item.kind === 'scalar' ? item : withoutNulls(item))) };
}

/** The part of a tree that another one has too. */
export function common(tree: MapNode, other: MapNode): MapNode {
  const entries = new Map<string, Entry>();
  for (const [key, { key: place, value }] of tree.entries) {
    const match = other.entries.get(key)?.value;
    if (match === undefined) continue;
    const both = value.kind === 'map' && match.kind === 'map';
    entries.set(key, { key: place, value: both ? common(value, match) : value });
  }
  return { ...tree, entries };
}

/** The paths that a tree sets to null. */
export function* removals(tree: MapNode, keys: readonly string[] = []): Generator<string[]> {
  for (const [key, { value }] of tree.entries) {
    if (value.kind === 'map') yield* removals(value, [...keys, key]);
    else if (value.kind === 'scalar' && value.value === null) yield [...keys, key];
  }
}

/** Makes a single value a list of one, where the schema has a list, so that lists merge. */
export function listed(node: Node, schema: GenericSchema | undefined): Node {
  if (schema === undefined) return node;
  if (node.kind === 'scalar') {
    const { one, lines } = treatmentOf(schema);
    const text = typeof node.value === 'string';
    if (one === undefined && !(lines && text)) return node;
    if (node.value === null || (text && one?.includes(node.value as string))) return node;
    return { kind: 'list', items: [{ ...node, alone: true }], append: false, place: node.place };
  }
  if (node.kind === 'list') {
    return { ...node, items: node.items.map((item) => listed(item, below(schema, 'list', ''))) };
  }
  const entries = new Map<string, Entry>();
  for (const [key, entry] of node.entries) {
    entries.set(key, { key: entry.key, value: listed(entry.value, below(schema, 'map', key)) });
  }
  return { ...node, entries };
}

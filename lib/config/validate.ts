import { type BaseIssue, type GenericSchema, parse, safeParse } from 'valibot';
import { MOVED } from './keys/moved';
import { type MapNode, type Node, nodeAt, placeOf, toPlain } from './node';
import { describe, meant, type Problems, showKeys } from './problems';
import { didYouMean } from './suggest';
import { bare, below, entriesOf, expectationOf, keysOf, takesMapsOnly, treatmentOf, wordsOf } from './walk';

/**
 * Reports every unknown key.
 *
 * @param at where the node is, and its own schema; default: at the top
 */
export function checkKeys(
  node: Node,
  { schema, problems }: { schema: GenericSchema; problems: Problems },
  at: { schema: GenericSchema; keys: readonly string[] } = { schema, keys: [] },
): void {
  const check = (node: Node, within: GenericSchema, keys: readonly string[]): void => {
    if (node.kind === 'scalar') return;
    if (node.kind === 'list') {
      const item = below(within, 'list', '');
      if (item !== undefined) {
        for (const [index, value] of node.items.entries()) check(value, item, [...keys, String(index)]);
      }
      return;
    }
    const known = entriesOf(within);
    for (const [key, entry] of node.entries) {
      const inner = below(within, 'map', key);
      if (inner !== undefined) check(entry.value, inner, [...keys, key]);
      else if (known !== undefined) {
        const moved = MOVED.get([...keys, key].join('.'));
        const near = moved === undefined ? suggestKey(key, keys, Object.keys(known), schema) : `: ${moved}`;
        problems.add(entry.key, [...keys, key], `unknown key${near}`);
      }
    }
  };
  check(node, at.schema, at.keys);
}

/** A similar key of the same map, else the only key of that name elsewhere, else all keys of the map. */
function suggestKey(
  key: string,
  keys: readonly string[],
  known: readonly string[],
  schema: GenericSchema,
): string {
  const near = didYouMean(key, known);
  if (near !== undefined) return meant(showKeys([...keys, near]));
  const elsewhere = [...keysOf(schema)]
    .map(({ path }) => path)
    .filter((path) => path.at(-1) === key && !path.includes('*'));
  const [only] = elsewhere;
  if (elsewhere.length === 1 && only !== undefined) return meant(showKeys(only));
  return known.length <= 12 ? `; known here: ${known.join(', ')}` : '';
}

/** A validated tree. */
export interface Validated<T> {
  /** With defaults, also for invalid top-level keys. */
  config: T;
  /** The invalid top-level keys. */
  bad: ReadonlySet<string>;
}

/** Validates a resolved tree and reports what is invalid. */
export function validate<T>(
  root: MapNode,
  schema: GenericSchema<unknown, T>,
  problems: Problems,
): Validated<T> {
  const bad = new Set<string>();
  for (const [key, { value }] of root.entries) if (hasFailed(value)) bad.add(key);
  const plain = toPlain(root) as Record<string, unknown>;
  const result = safeParse(schema, plain);
  checkLists(root, schema, problems, bad);
  if (!result.success) tell(result.issues, root, schema, problems, bad);
  if (bad.size === 0 && result.success) return { config: result.output, bad };
  const sound = Object.fromEntries(Object.entries(plain).filter(([key]) => !bad.has(key)));
  return { config: parse(schema, sound), bad };
}

function tell(
  issues: readonly BaseIssue<unknown>[],
  root: MapNode,
  schema: GenericSchema,
  problems: Problems,
  bad: Set<string>,
  above: readonly string[] = [],
): void {
  for (const issue of issues) {
    const path = issue.path ?? [];
    const keys = [...above, ...path.map((item) => String(item.key))];
    bad.add(keys[0] ?? '');
    const node = nodeAt(root, keys);
    // Of several kinds the one that the value has: what is wrong is inside of it.
    const inside = issue.issues?.filter(({ path }) => path !== undefined) ?? [];
    if (inside.length > 0) {
      tell(inside, root, schema, problems, bad, keys);
      continue;
    }
    if (hasFailed(node) || (node === undefined && problems.broken)) continue;
    const last = path.at(-1);
    if (nodeAt(root, keys.slice(0, -1))?.kind === 'list' && !/^\d+$/.test(keys.at(-1) ?? '')) continue;
    const inner = schemaAt(schema, root, keys);
    if (last !== undefined && 'origin' in last && last.origin === 'key') {
      // An invalid key of the user's, or a required one that is missing.
      const [expected, found] =
        node === undefined && inner !== undefined
          ? [expectationOf(inner), 'nothing']
          : [issue.message, JSON.stringify(keys.at(-1))];
      problems.add(keyPlace(root, keys), keys, `expected ${expected}, found ${found}`);
      continue;
    }
    const shown = node?.kind === 'scalar' && node.alone ? keys.slice(0, -1) : keys;
    const message = `expected ${issue.message}, found ${describe(node, treatmentOf(inner).secret)}`;
    problems.add(placeOf(root, keys), shown, message + advice(node, inner));
  }
}

/** Reports lists in place of maps, which the schema accepts, since arrays are objects. */
function checkLists(root: MapNode, schema: GenericSchema, problems: Problems, bad: Set<string>): void {
  const check = (node: Node, within: GenericSchema, keys: readonly string[]): void => {
    if (node.kind === 'scalar') return;
    if (node.kind === 'list' && takesMapsOnly(within)) {
      problems.add(placeOf(root, keys), keys, `expected ${expectationOf(within)}, found a list`);
      bad.add(keys[0] ?? '');
      return;
    }
    const inside: [string, Node][] =
      node.kind === 'list'
        ? node.items.map((item, index) => [String(index), item])
        : [...node.entries].map(([key, { value }]) => [key, value]);
    for (const [key, value] of inside) {
      const inner = below(within, node.kind, key);
      if (inner !== undefined) check(value, inner, [...keys, key]);
    }
  };
  check(root, schema, []);
}

/** Whether a value has something in it that could not be resolved and is already reported. */
function hasFailed(node: Node | undefined): boolean {
  if (node === undefined) return false;
  if (node.kind === 'scalar') return node.failed === true;
  if (node.kind === 'list') return node.items.some(hasFailed);
  return [...node.entries.values()].some(({ value }) => hasFailed(value));
}

function keyPlace(root: MapNode, keys: readonly string[]) {
  const map = nodeAt(root, keys.slice(0, -1));
  const entry = map?.kind === 'map' ? map.entries.get(keys.at(-1) as string) : undefined;
  return entry?.key ?? placeOf(root, keys);
}

function schemaAt(schema: GenericSchema, root: MapNode, keys: readonly string[]): GenericSchema | undefined {
  let inner: GenericSchema | undefined = schema;
  let node: Node | undefined = root;
  for (const key of keys) {
    inner = below(inner, node?.kind ?? 'map', key);
    node = node && nodeAt(node, [key]);
  }
  return inner;
}

/** The word that was probably meant, or that quotes would help. */
function advice(node: Node | undefined, schema: GenericSchema | undefined): string {
  if (node?.kind !== 'scalar' || node.secret || schema === undefined) return '';
  const slip = treatmentOf(schema).slips?.[String(node.value).toLowerCase()];
  if (slip !== undefined) return meant(slip);
  if (typeof node.value === 'string') {
    const near = didYouMean(node.value, wordsOf(schema));
    return near === undefined || near === node.value ? '' : meant(JSON.stringify(near));
  }
  const quoted = node.value !== null && safeParse(bare(schema), String(node.value)).success;
  return quoted && !expectationOf(schema).includes('quotes') ? '; put it in quotes' : '';
}

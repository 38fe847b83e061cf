import type { GenericSchema } from 'valibot';
import { type MapNode, nodeAt } from './node';
import { showKeys } from './problems';
import { splitKeys } from './references';
import { didYouMean } from './suggest';
import { below, entriesOf, keysOf } from './walk';

/** Why a reference to a key leads to nothing, and what to write. */
export function whyNothing(reference: string, root: MapNode, schema: GenericSchema): string {
  const keys = splitKeys(reference);
  if (keys !== undefined && isKey(keys, root, schema))
    return `\${${reference}}: the key has no value; set ${showKeys(keys)}`;
  const known = new Set<string>();
  for (const { path } of keysOf(schema)) if (!path.includes('*')) known.add(showKeys(path));
  for (const path of statedIn(root, [])) known.add(showKeys(path));
  const near = didYouMean(reference, known);
  const literal = `write $\${${reference}} for the literal text`;
  return `\${${reference}}: no such key${near === undefined ? `; ${literal}` : `; did you mean \${${near}}?`}`;
}

/** Whether the schema has a key; names of the user's are those that are stated. */
function isKey(keys: readonly string[], root: MapNode, schema: GenericSchema): boolean {
  let within: GenericSchema | undefined = schema;
  for (const [depth, key] of keys.entries()) {
    if (within === undefined) return false;
    const entries = entriesOf(within);
    const there = entries === undefined ? nodeAt(root, keys.slice(0, depth + 1)) : entries[key];
    if (there === undefined) return false;
    within = below(within, 'map', key);
  }
  return true;
}

function* statedIn(node: MapNode, keys: readonly string[]): Generator<readonly string[]> {
  for (const [key, { value }] of node.entries) {
    yield [...keys, key];
    if (value.kind === 'map') yield* statedIn(value, [...keys, key]);
  }
}

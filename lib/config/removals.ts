import { type GenericSchema, parse, safeParse } from 'valibot';
import { merge, removals } from './merge';
import { fromPlain, type MapNode, nodeAt, placeOf } from './node';
import type { World } from './stated-path';
import { bare, below, entriesOf, shapeOf } from './walk';

const NOTHING = 'has no effect: null removes an entry, and no file below has one';

/**
 * Reports a null that removes nothing where it was hardly meant to: whoever leaves the value of an entry empty wants one
 * with defaults, and gets none.
 *
 * @param trees the lowest first
 */
export function checkRemovals(trees: readonly MapNode[], { schema, problems }: World): void {
  const nowhere = { source: { name: '', folder: '/', lines: false }, line: 0, column: 0 };
  const built = fromPlain(parse(schema, {}), nowhere);
  let lower: MapNode = { kind: 'map', entries: new Map(), place: nowhere };
  for (const tree of trees) {
    for (const keys of removals(tree)) {
      const node = nodeAt(tree, keys);
      if (node?.kind === 'scalar' && node.removes) continue;
      const [inner, outer] = [schemaAt(schema, keys), schemaAt(schema, keys.slice(0, -1))];
      if (nodeAt(lower, keys) !== undefined || nodeAt(built, keys) !== undefined) continue;
      const place = placeOf(tree, keys);
      // Its keys are Docker's. Those of `vars` may be there to say that there are such.
      if (keys[0] === 'docker' && keys[1] === 'daemon' && keys.length > 2)
        problems.warn(place, keys, NOTHING);
      if (inner === undefined || outer === undefined) continue;
      if (keys.length === 1 && keys[0] === 'firewall')
        problems.add(place, keys, 'expected a map, found nothing; write {} to let nothing in');
      else if (isNamed(outer) || (keys.length > 1 && isSwitch(inner)))
        problems.warn(place, keys, NOTHING + instead(inner));
    }
    lower = merge(lower, tree);
  }
}

function schemaAt(schema: GenericSchema, keys: readonly string[]): GenericSchema | undefined {
  return keys.reduce<GenericSchema | undefined>((inner, key) => below(inner, 'map', key), schema);
}

/** Whether the names of a map are the user's. */
function isNamed(schema: GenericSchema): boolean {
  const { value } = shapeOf(bare(schema));
  return value !== undefined && shapeOf(value).type !== 'unknown';
}

/** Whether a key does something by being there: a map without a default. */
function isSwitch(schema: GenericSchema): boolean {
  return entriesOf(schema) !== undefined && shapeOf(schema).default === undefined;
}

/** What to write for an entry with nothing in it, if there may be one. */
function instead(schema: GenericSchema): string {
  if (entriesOf(schema) !== undefined)
    return safeParse(schema, {}).success ? '; write {} for one with defaults' : '';
  return safeParse(bare(schema), '').success ? "; write '' for an empty text" : '';
}

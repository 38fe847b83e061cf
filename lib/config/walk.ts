import { type GenericSchema, getMetadata } from 'valibot';
import type { Treatment } from './keys/kinds';
import type { Node } from './node';

/** The properties of valibot's schemas that walking them needs. */
interface Shape {
  type: string;
  wrapped?: GenericSchema;
  entries?: Record<string, GenericSchema>;
  key?: GenericSchema;
  value?: GenericSchema;
  item?: GenericSchema;
  options?: readonly unknown[];
  literal?: unknown;
  message?: unknown;
  default?: unknown;
}

/** A schema without the wrapper that makes a key optional. */
export function bare(schema: GenericSchema): GenericSchema {
  const { wrapped } = shapeOf(schema);
  return wrapped === undefined ? schema : bare(wrapped);
}

/** The kind and parts of a schema. */
export function shapeOf(schema: GenericSchema): Shape {
  return schema as unknown as Shape;
}

/** What the loader does with values of a schema. */
export function treatmentOf(schema: GenericSchema | undefined): Treatment {
  return schema === undefined ? {} : (getMetadata(bare(schema)) as Treatment);
}

/** What a schema expects, in words. */
export function expectationOf(schema: GenericSchema): string {
  const { message } = shapeOf(bare(schema));
  return typeof message === 'string' ? message : 'a value';
}

/** The kinds a schema allows: itself, or the options of a union. */
function kindsOf(schema: GenericSchema): GenericSchema[] {
  const inner = bare(schema);
  const { type, options } = shapeOf(inner);
  return type === 'union' ? (options as GenericSchema[]).flatMap(kindsOf) : [inner];
}

/** The known keys of a map; undefined if the keys are the user's, or it is not a map. */
export function entriesOf(schema: GenericSchema): Record<string, GenericSchema> | undefined {
  for (const kind of kindsOf(schema)) {
    const { entries } = shapeOf(kind);
    if (entries !== undefined) return entries;
  }
  return undefined;
}

/** Whether a schema accepts maps but no lists. */
export function takesMapsOnly(schema: GenericSchema): boolean {
  const types = kindsOf(schema).map((kind) => shapeOf(kind).type);
  return types.some((type) => type === 'object' || type === 'record') && !types.includes('array');
}

/** The schema at a key of a map, or of the items of a list. */
export function below(
  schema: GenericSchema | undefined,
  kind: Node['kind'],
  key: string,
): GenericSchema | undefined {
  if (schema === undefined) return undefined;
  for (const option of kindsOf(schema)) {
    const { entries, value, item } = shapeOf(option);
    if (kind === 'list' && item !== undefined) return item;
    if (kind === 'map' && entries !== undefined && Object.hasOwn(entries, key)) return entries[key];
    if (kind === 'map' && value !== undefined) return value;
  }
  return undefined;
}

/** The words a schema accepts, for suggestions. */
export function wordsOf(schema: GenericSchema): string[] {
  return kindsOf(schema).flatMap((kind) => {
    const { type, options } = shapeOf(kind);
    return type === 'picklist' ? (options as string[]) : [];
  });
}

/** All keys of a schema with their paths, parents first; `*` is a key of the user's or an item of a list. */
export function* keysOf(
  schema: GenericSchema,
  path: readonly string[] = [],
): Generator<{ path: readonly string[]; schema: GenericSchema }> {
  if (path.length > 0) yield { path, schema };
  for (const kind of kindsOf(schema)) {
    const { entries, value, item } = shapeOf(kind);
    for (const [name, entry] of Object.entries(entries ?? {})) yield* keysOf(entry, [...path, name]);
    const inner = value ?? item;
    const maps = inner === undefined ? undefined : entriesOf(inner);
    for (const [name, entry] of Object.entries(maps ?? {})) {
      yield* keysOf(entry, [...path, '*', name]);
    }
  }
}

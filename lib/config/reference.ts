import { type GenericSchema, getDescription, parse } from 'valibot';
import { schema } from './schema';
import { bare, entriesOf, expectationOf, keysOf, shapeOf } from './walk';

/**
 * The reference of all keys: a Markdown table of key, type, default and description.
 *
 * @param words the values of keys whose values the schema does not know, by the key's path
 */
export function reference(words: Readonly<Record<string, readonly string[]>>): string {
  const rows = ['| key | type | default | description |', '| --- | --- | --- | --- |'];
  const defaults = parse(schema, {}) as Record<string, unknown>;
  for (const { path, schema: key } of keysOf(schema)) {
    const section = entriesOf(key) !== undefined && shapeOf(bare(key)).type === 'object';
    const type = section ? '' : (words[path.join('.')]?.join(', ') ?? typeOf(key));
    const fallback = section ? '' : defaultOf(key, path, defaults);
    rows.push(
      `| \`${path.join('.')}\` | ${cell(type)} | ${fallback} | ${cell(getDescription(bare(key)) ?? '')} |`,
    );
  }
  return `${rows.join('\n')}\n`;
}

function typeOf(key: GenericSchema): string {
  return expectationOf(key).replace(/^(an?|one of) /, '');
}

function defaultOf(key: GenericSchema, path: readonly string[], defaults: Record<string, unknown>): string {
  if (!path.includes('*')) {
    const value = path.reduce<unknown>(
      (map, name) => (map as Record<string, unknown> | undefined)?.[name],
      defaults,
    );
    if (value !== undefined) return code(value);
  }
  const { type, default: fallback } = shapeOf(key);
  if (type !== 'optional') return 'required';
  return fallback === undefined ? '' : code(fallback);
}

function code(value: unknown): string {
  return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
}

/** A text as the cell of a table. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}

import { type GenericSchema, safeParse } from 'valibot';
import type { ScalarNode } from './node';

/** A value of the environment in the type its key expects: a string if possible, else a number or boolean. */
export function typed(text: string, schema: GenericSchema | undefined): ScalarNode['value'] {
  if (schema === undefined || safeParse(schema, text).success) return text;
  const value = /^(0|-?[1-9]\d*)$/.test(text)
    ? Number(text)
    : text === 'true'
      ? true
      : text === 'false'
        ? false
        : text;
  return safeParse(schema, value).success ? value : text;
}

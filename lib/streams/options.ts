import { pluginError } from './plugin';

/** Says what a value has to be; undefined when it is right. */
export type Check = (value: unknown) => string | undefined;

/** One of some words. */
export function oneOf(words: readonly string[]): Check {
  return (value) => (words.includes(value as string) ? undefined : `one of ${words.join(', ')}`);
}

/** A time as headers of archives have it: 32 bits. */
export const seconds: Check = (value) =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 0xffffffff
    ? undefined
    : 'a whole number of seconds since 1970';

export const callback: Check = (value) => (typeof value === 'function' ? undefined : 'a function');

const map: Check = (value) =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? undefined : 'an object';

const fileName: Check = (value) =>
  typeof value === 'string' && value.split('/').every((part) => !['', '.', '..'].includes(part))
    ? undefined
    : 'the relative path of a file';

/**
 * Checks what a stream was called with.
 *
 * @param known the options with what they have to be; one that is undefined is as good as absent
 * @throws PluginError for an unknown option or a wrong value, with what is allowed
 */
export function checkOptions(plugin: string, options: object, known: Record<string, Check>): void {
  demand(plugin, 'options', options, map);
  for (const [key, value] of Object.entries(options)) {
    const check = known[key];
    if (check === undefined) {
      const names = Object.keys(known).join(', ');
      throw pluginError(plugin, new Error(`${plugin}(): unknown option "${key}"; the options are ${names}`));
    }
    if (value !== undefined) demand(plugin, key, value, check);
  }
}

/** @throws PluginError when it is not the name of a file to make */
export function checkName(plugin: string, name: string): void {
  demand(plugin, 'name', name, fileName);
}

/** @throws PluginError when it is not a map of variables */
export function checkVariables(plugin: string, variables: object): void {
  demand(plugin, 'variables', variables, map);
}

function demand(plugin: string, key: string, value: unknown, check: Check): void {
  const allowed = check(value);
  if (allowed === undefined) return;
  const shown = typeof value === 'function' ? 'a function' : (JSON.stringify(value) ?? String(value));
  throw pluginError(plugin, new TypeError(`${plugin}(): ${key} must be ${allowed}, not ${shown}`));
}

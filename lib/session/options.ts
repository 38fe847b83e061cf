import { meant } from '../config/problems';
import { didYouMean } from '../config/suggest';
import { Dock0Error } from '../error';
import type { Dock0Options } from './task';

/** What each option has to be. */
const OPTIONS: Record<keyof Dock0Options, 'a text' | 'a text or a list of texts'> = {
  config: 'a text or a list of texts',
  hosts: 'a text or a list of texts',
  set: 'a text or a list of texts',
  output: 'a text',
  cache: 'a text',
  argv: 'a text or a list of texts',
};

/** Options as they are used: lists where a single text is as good. */
export interface CheckedOptions {
  config: string[] | undefined;
  hosts: string[] | undefined;
  set: string[];
  output: string | undefined;
  cache: string | undefined;
  argv: string[] | undefined;
}

/**
 * Checks what a gulpfile states.
 *
 * @throws Dock0Error for an option that there is not, with the one that was meant, and for a value of another kind
 */
export function checkOptions(options: Dock0Options): CheckedOptions {
  const names = Object.keys(OPTIONS);
  for (const [name, value] of Object.entries(options)) {
    if (!Object.hasOwn(OPTIONS, name)) {
      const near = meant(didYouMean(name, names));
      throw new Dock0Error(
        `dock0(): unknown option "${name}"${near || `; the options are ${names.join(', ')}, steps`}`,
      );
    }
    const expected = OPTIONS[name as keyof Dock0Options];
    const fits =
      value === undefined ||
      typeof value === 'string' ||
      (expected !== 'a text' && Array.isArray(value) && value.every((item) => typeof item === 'string'));
    if (!fits) throw new Dock0Error(`dock0(): expected ${expected} as ${name}, found ${shown(value)}`);
  }
  const { config, hosts, set = [], output, cache, argv } = options;
  return {
    config: listed(config),
    hosts: listed(hosts),
    set: listed(set) ?? [],
    output,
    cache,
    argv: listed(argv),
  };
}

function listed(value: string | string[] | undefined): string[] | undefined {
  return typeof value === 'string' ? [value] : value;
}

function shown(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list with something else in it';
  return typeof value === 'object' ? 'an object' : typeof value === 'function' ? 'a function' : String(value);
}

import {
  formatLine,
  type Kconfig,
  type KconfigValue,
  parseFragment,
  parseKconfig,
  valueFrom,
} from './kconfig';

/** The value that is requested for a symbol, and where. */
export interface Request {
  value: KconfigValue;
  /** `configs/kernel/docker.config:12`, `kernel.options`. */
  origin: string;
  optional: boolean;
}

/** By symbol, without `CONFIG_`. */
export type Requests = Map<string, Request>;

/** A fragment: what it is called in messages, and its text. */
interface Fragment {
  name: string;
  text: string;
}

/**
 * All requests, in the order they count: fragments as they are listed, then `kernel.options`, then the
 * local version. The last one to name a symbol wins, as it does in the kernel's merge_config.sh.
 *
 * @throws Dock0Error on a line that is none of a kernel configuration
 */
export function collectRequests(
  fragments: readonly Fragment[],
  options: { [symbol: string]: number | string } = {},
  revision?: string,
): Requests {
  const requests: Requests = new Map();
  for (const fragment of fragments) {
    for (const { symbol, value, line, optional } of parseFragment(fragment.text, fragment.name)) {
      requests.set(symbol, { value, origin: `${fragment.name}:${line}`, optional });
    }
  }
  for (const [name, option] of Object.entries(options)) {
    const symbol = name.replace(/^CONFIG_/, '');
    requests.set(symbol, { value: valueFrom(option), origin: `kernel.options.${name}`, optional: false });
  }
  if (revision !== undefined && revision !== '') {
    requests.set('LOCALVERSION', { value: `"${revision}"`, origin: 'kernel.revision', optional: false });
    requests.set('LOCALVERSION_AUTO', { value: 'n', origin: 'kernel.revision', optional: false });
  }
  return requests;
}

/**
 * A .config with the requests put over it: what the base says of a requested symbol is dropped, the requests follow.
 * The kernel's `olddefconfig` makes a whole configuration of it.
 */
export function overlay(base: string, requests: Requests): string {
  const kept = [...parseKconfig(base)].filter(([symbol]) => !requests.has(symbol));
  const asked = [...requests].map(([symbol, request]): [string, string] => [symbol, request.value]);
  return `${[...kept, ...asked].map(([symbol, value]) => formatLine(symbol, value)).join('\n')}\n`;
}

/** The lines in which `after` differs from `before`, as the text of a fragment. */
export function difference(before: Kconfig, after: Kconfig): string[] {
  const symbols = [...new Set([...before.keys(), ...after.keys()])].sort();
  return symbols
    .filter((symbol) => (before.get(symbol) ?? 'n') !== (after.get(symbol) ?? 'n'))
    .map((symbol) => formatLine(symbol, after.get(symbol) ?? 'n'));
}

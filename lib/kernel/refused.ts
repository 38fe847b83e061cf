import { didYouMean } from '../config/suggest';
import { Dock0Error } from '../error';
import { conjuncts, evaluate, parseExpression, show, symbolsIn } from './expression';
import { type Kconfig, type KconfigValue, settingOf } from './kconfig';
import type { Request, Requests } from './requests';
import type { Definition, Symbols } from './symbols';

/** A request that the kernel's own tools did not follow, and why. */
export interface Refusal {
  symbol: string;
  request: Request;
  /** The value it has. */
  got: KconfigValue;
  reason: string;
}

/** The requests that did not take in a finished configuration; those marked `if possible` are passed over. */
export function refusals(requests: Requests, config: Kconfig, symbols: () => Symbols): Refusal[] {
  const refused: Refusal[] = [];
  for (const [symbol, request] of requests) {
    const got = settingOf(config, symbol);
    // What is not set and what the source does not know both read n; only the second may be a misspelling.
    if (request.optional || (got === request.value && got !== 'n')) continue;
    const known = symbols().definitions.has(symbol);
    if (known && got === request.value) continue;
    refused.push({ symbol, request, got, reason: reasonFor(symbol, request.value, config, symbols()) });
  }
  return refused;
}

/**
 * Refuses a configuration in which a requested option did not take.
 *
 * @throws Dock0Error that names each option, where it is asked for, the value it has and the unmet dependency
 */
export function checkRequests(requests: Requests, config: Kconfig, symbols: () => Symbols): void {
  const refused = refusals(requests, config, symbols);
  if (refused.length === 0) return;
  const lines = refused.map(
    ({ symbol, request, got, reason }) =>
      `${request.origin}: CONFIG_${symbol}=${request.value} did not take (it is ${got}): ${reason}`,
  );
  throw new Dock0Error(lines.join('\n'), {
    hint: 'Ask for what is missing in a fragment, take the line out, or end it in `# if possible`.',
  });
}

function reasonFor(symbol: string, wanted: KconfigValue, config: Kconfig, symbols: Symbols): string {
  const definitions = symbols.definitions.get(symbol);
  if (definitions === undefined) {
    const near = didYouMean(symbol, symbols.definitions.keys());
    return `this source does not know the symbol${near === undefined ? '' : `; did you mean ${near}?`}`;
  }
  if (wanted === 'n') return whySet(symbol, config, symbols);
  const type = definitions.find((definition) => definition.type !== undefined)?.type;
  const misfit = wrongType(wanted, type);
  if (misfit !== undefined) return misfit;
  const unmet = leastUnmet(definitions, wanted, config);
  if (unmet.length > 0) return `needs ${unmet.map((text) => withValues(text, config)).join(' and ')}`;
  const range = outOfRange(definitions, wanted, config);
  if (range !== undefined) return range;
  if (!definitions.some((definition) => definition.prompt)) return noPrompt(symbol, symbols);
  const rival = chosenInstead(symbol, definitions, config, symbols);
  if (rival !== undefined) return `${rival} is chosen instead, of which there can be only one`;
  return 'the source sets it otherwise';
}

function wrongType(wanted: KconfigValue, type: Definition['type']): string | undefined {
  if (type === 'bool' && wanted === 'm') return 'it is built in or not at all: y or n';
  const number = /^-?\d+$|^0[xX]/.test(wanted);
  const fits =
    type === 'int' || type === 'hex'
      ? number
      : type === 'string'
        ? wanted.startsWith('"')
        : /^[ymn]$/.test(wanted);
  return type === undefined || fits ? undefined : `its type is ${type}`;
}

/** The conditions that do not hold where the symbol is defined; of several places the one that lacks the least. */
function leastUnmet(definitions: Definition[], wanted: KconfigValue, config: Kconfig): string[] {
  const tristate = definitions.some((definition) => definition.type === 'tristate');
  const least = wanted === 'y' && tristate ? 2 : 1;
  const lookup = (name: string): string | undefined => config.get(name);
  const lists = definitions
    .filter((definition) => definition.prompt)
    .map((definition) => {
      const parts = definition.conditions.flatMap((text) => conjuncts(parseExpression(text)));
      return [...new Set(parts.filter((part) => evaluate(part, lookup) < least).map(show))];
    });
  return lists.sort((a, b) => a.length - b.length)[0] ?? [];
}

/** `BRIDGE (it is n)`, `NET || UNIX (NET is n, UNIX is n)`. */
function withValues(text: string, config: Kconfig): string {
  const names = [...new Set(symbolsIn(parseExpression(text)))].filter((name) => /[A-Z]/.test(name));
  if (names.length === 1 && names[0] === text) return `${text} (it is ${settingOf(config, text)})`;
  return `${text} (${names.map((name) => `${name} is ${settingOf(config, name)}`).join(', ')})`;
}

function outOfRange(definitions: Definition[], wanted: KconfigValue, config: Kconfig): string | undefined {
  const lookup = (name: string): string | undefined => config.get(name);
  const bound = (text: string): number => Number(config.get(text) ?? text);
  for (const { low, high, when } of definitions.flatMap((definition) => definition.ranges)) {
    if (when !== undefined && evaluate(parseExpression(when), lookup) === 0) continue;
    if (Number(wanted) < bound(low) || Number(wanted) > bound(high)) {
      return `it has to be from ${bound(low)} to ${bound(high)}`;
    }
  }
  return undefined;
}

function noPrompt(symbol: string, symbols: Symbols): string {
  const by = symbols.selects.get(symbol)?.map((select) => select.by) ?? [];
  if (by.length === 0) return "it can't be set: the source works it out";
  const some = by.slice(0, 4).join(', ');
  return `it can't be set by itself; what sets it: ${some}${by.length > 4 ? ` and ${by.length - 4} more` : ''}`;
}

function chosenInstead(
  symbol: string,
  definitions: Definition[],
  config: Kconfig,
  symbols: Symbols,
): string | undefined {
  const choice = definitions.find((definition) => definition.choice !== undefined)?.choice;
  if (choice === undefined) return undefined;
  for (const [other, places] of symbols.definitions) {
    if (other !== symbol && config.get(other) === 'y' && places.some((place) => place.choice === choice))
      return other;
  }
  return undefined;
}

function whySet(symbol: string, config: Kconfig, symbols: Symbols): string {
  const lookup = (name: string): string | undefined => config.get(name);
  const by = (symbols.selects.get(symbol) ?? [])
    .filter((select) => evaluate({ type: 'symbol', name: select.by }, lookup) > 0)
    .filter((select) => select.when === undefined || evaluate(parseExpression(select.when), lookup) > 0)
    .map((select) => select.by);
  if (by.length > 0) return `selected by ${by.slice(0, 4).join(', ')}`;
  const unmet = leastUnmet(symbols.definitions.get(symbol) ?? [], 'y', config);
  if (unmet.length > 0)
    return `it can be turned off only with ${unmet.map((text) => withValues(text, config)).join(' and ')}`;
  return 'the source sets it otherwise';
}

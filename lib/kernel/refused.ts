import { didYouMean } from '../config/suggest';
import { Dock0Error } from '../error';
import { conjuncts, evaluate, type Lookup, symbolsIn } from './expression';
import { type Kconfig, type KconfigValue, settingOf } from './kconfig';
import type { Requests } from './requests';
import type { Definition, Symbols } from './symbols';

/**
 * Refuses a configuration in which a requested option could not be set; requests marked `if possible` are passed over.
 *
 * @param symbols read only when something was refused
 * @throws Dock0Error that names each option, where it is asked for, the value it has and why
 */
export function checkRequests(requests: Requests, config: Kconfig, symbols: () => Symbols): void {
  const refused: string[] = [];
  for (const [symbol, { value, origin, optional }] of requests) {
    const got = settingOf(config, symbol);
    // What is not set and what the source does not know both read n; only the second may be misspelled.
    if (optional || (got === value && (got !== 'n' || symbols().definitions.has(symbol)))) continue;
    const reason = reasonFor(symbol, value, config, symbols());
    refused.push(`${origin}: CONFIG_${symbol}=${value} can't be set (it is ${got}): ${reason}`);
  }
  if (refused.length === 0) return;
  throw new Dock0Error(refused.join('\n'), {
    hint: 'Ask for what is missing in a fragment, remove the line, or end it with `# if possible`.',
  });
}

function reasonFor(symbol: string, wanted: KconfigValue, config: Kconfig, symbols: Symbols): string {
  const definitions = symbols.definitions.get(symbol);
  if (definitions === undefined) {
    const near = didYouMean(symbol, symbols.definitions.keys());
    return `this source does not know the symbol${near === undefined ? '' : `; did you mean ${near}?`}`;
  }
  return (
    (wanted === 'n' ? whySet(symbol, definitions, config, symbols) : undefined) ??
    wrongType(wanted, definitions.find(({ type }) => type !== undefined)?.type) ??
    unmet('needs', definitions, wanted, config) ??
    outOfRange(definitions, wanted, config) ??
    (definitions.some(({ prompt }) => prompt) ? undefined : noPrompt(symbol, symbols)) ??
    chosenInstead(symbol, definitions, config, symbols) ??
    'the source sets another value'
  );
}

function wrongType(wanted: KconfigValue, type: Definition['type']): string | undefined {
  if (type === 'bool' && wanted === 'm') return "it can't be a module: y or n";
  const fits = type === 'int' || type === 'hex' ? /^-?\d+$|^0[xX]/ : type === 'string' ? /^"/ : /^[ymn]$/;
  return type === undefined || fits.test(wanted) ? undefined : `its type is ${type}`;
}

/** The conditions that do not hold where the symbol is defined; of several places, the one that lacks the least. */
function unmet(
  verb: string,
  definitions: Definition[],
  wanted: KconfigValue,
  config: Kconfig,
): string | undefined {
  const least = wanted === 'y' && definitions.some(({ type }) => type === 'tristate') ? 2 : 1;
  const lists = definitions
    .filter(({ prompt }) => prompt)
    .map(({ conditions }) => new Set(conditions.flatMap(conjuncts)))
    .map((parts) => [...parts].filter((part) => evaluate(part, lookupIn(config)) < least));
  const fewest = lists.sort((a, b) => a.length - b.length)[0] ?? [];
  if (fewest.length === 0) return undefined;
  return `${verb} ${fewest.map((text) => withValues(text, config)).join(' and ')}`;
}

/** `BRIDGE (it is n)`, `NET || UNIX (NET is n, UNIX is n)`. */
function withValues(text: string, config: Kconfig): string {
  const names = symbolsIn(text);
  const values = names.map((name) => `${name === text ? 'it' : name} is ${settingOf(config, name)}`);
  return `${text} (${values.join(', ')})`;
}

function outOfRange(definitions: Definition[], wanted: KconfigValue, config: Kconfig): string | undefined {
  const bound = (text: string): number => Number(config.get(text) ?? text);
  const range = definitions
    .flatMap(({ ranges }) => ranges)
    .filter(({ when }) => when === undefined || evaluate(when, lookupIn(config)) > 0)
    .find(({ low, high }) => Number(wanted) < bound(low) || Number(wanted) > bound(high));
  return range && `it has to be from ${bound(range.low)} to ${bound(range.high)}`;
}

function noPrompt(symbol: string, { selects }: Symbols): string {
  const by = selects.get(symbol)?.map((select) => select.by) ?? [];
  if (by.length === 0) return "it can't be set: the source computes it";
  const more = by.length > 4 ? ` and ${by.length - 4} more` : '';
  return `it can't be set directly; what sets it: ${by.slice(0, 4).join(', ')}${more}`;
}

function chosenInstead(
  symbol: string,
  definitions: Definition[],
  config: Kconfig,
  symbols: Symbols,
): string | undefined {
  const choice = definitions.find((definition) => definition.choice !== undefined)?.choice;
  if (choice === undefined) return undefined;
  const rival = [...symbols.definitions].find(
    ([other, places]) =>
      other !== symbol && config.get(other) === 'y' && places.some((place) => place.choice === choice),
  );
  return rival && `${rival[0]} is chosen instead; only one of its choice can be set`;
}

function whySet(
  symbol: string,
  definitions: Definition[],
  config: Kconfig,
  symbols: Symbols,
): string | undefined {
  const holds = (text = 'y'): boolean => evaluate(text, lookupIn(config)) > 0;
  const by = (symbols.selects.get(symbol) ?? []).filter((select) => holds(select.by) && holds(select.when));
  if (by.length > 0)
    return `selected by ${by
      .slice(0, 4)
      .map((select) => select.by)
      .join(', ')}`;
  return unmet('it can be turned off only with', definitions, 'y', config);
}

function lookupIn(config: Kconfig): Lookup {
  return (name) => config.get(name);
}

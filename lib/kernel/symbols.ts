import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { codeOf } from '../error';

/** One place where a symbol is defined. Conditions are text for expression.ts. */
export interface Definition {
  type: 'bool' | 'tristate' | 'int' | 'hex' | 'string' | undefined;
  /** A person can set it; symbols without a prompt are set by others only. */
  prompt: boolean;
  /** What must hold for the symbol to be offered: its own and its menus' `depends on`, `if` and prompt conditions. */
  conditions: string[];
  ranges: { low: string; high: string; when: string | undefined }[];
  /** The choice this symbol is a member of, as a number that members share. */
  choice: number | undefined;
}

/** `select X if Y`, seen from X. */
interface Select {
  by: string;
  when: string | undefined;
}

/** The symbols of a kernel source. */
export interface Symbols {
  definitions: Map<string, Definition[]>;
  selects: Map<string, Select[]>;
}

interface Block {
  conditions: string[];
  choice?: number;
}

interface Entry {
  /** Undefined for a menu's, choice's or comment's own lines. */
  symbol: string | undefined;
  conditions: string[];
  definition: Definition | undefined;
}

/**
 * Reads the Kconfig files of a kernel source, starting from its top one (Documentation/kbuild/kconfig-language.rst).
 * They tell why an option can't be set; what the options come to is for the kernel's own tools to say.
 *
 * @param architecture the folder below arch/: `x86`, `arm64`
 */
export function readSymbols(source: string, architecture: string): Symbols {
  const symbols: Symbols = { definitions: new Map(), selects: new Map() };
  readFile('Kconfig', { source, architecture, symbols, blocks: [], choices: 0 });
  return symbols;
}

interface State {
  source: string;
  architecture: string;
  symbols: Symbols;
  blocks: Block[];
  choices: number;
}

function readFile(file: string, state: State): void {
  let text: string;
  try {
    text = readFileSync(join(state.source, file), 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'EISDIR') return;
    throw error;
  }
  let entry: Entry | undefined;
  for (const words of statements(text)) {
    const [keyword = '', rest = ''] = split(words);
    const begun = begin(keyword, rest, state);
    if (begun !== undefined) entry = begun;
    else if (keyword === 'source') {
      readFile(sourced(rest, state), state);
    } else if (keyword === 'endif' || keyword === 'endmenu' || keyword === 'endchoice') {
      state.blocks.pop();
      entry = undefined;
    } else if (entry !== undefined) attribute(keyword, rest, entry, state.symbols);
  }
}

/** What opens a new entry; undefined for any other statement. */
function begin(keyword: string, rest: string, state: State): Entry | undefined {
  if (keyword === 'config' || keyword === 'menuconfig') {
    const definition: Definition = {
      type: undefined,
      prompt: false,
      // A menu's `depends on` stands before its entries, so its list is whole by now.
      conditions: state.blocks.flatMap((block) => block.conditions),
      ranges: [],
      choice: state.blocks.findLast((block) => block.choice !== undefined)?.choice,
    };
    const known = state.symbols.definitions.get(rest);
    if (known === undefined) state.symbols.definitions.set(rest, [definition]);
    else known.push(definition);
    return { symbol: rest, conditions: definition.conditions, definition };
  }
  if (keyword === 'comment') return { symbol: undefined, conditions: [], definition: undefined };
  if (keyword === 'if' || keyword === 'menu' || keyword === 'choice') {
    const block: Block = { conditions: keyword === 'if' ? [rest] : [] };
    if (keyword === 'choice') block.choice = ++state.choices;
    state.blocks.push(block);
    return { symbol: undefined, conditions: block.conditions, definition: undefined };
  }
  return undefined;
}

const TYPES = new Set(['bool', 'tristate', 'int', 'hex', 'string', 'def_bool', 'def_tristate']);

function attribute(keyword: string, rest: string, entry: Entry, symbols: Symbols): void {
  const { definition, symbol } = entry;
  if (keyword === 'depends') entry.conditions.push(rest.replace(/^on\s+/, ''));
  else if (keyword === 'visible') entry.conditions.push(rest.replace(/^if\s+/, ''));
  else if (TYPES.has(keyword) && definition !== undefined) {
    definition.type = keyword.replace('def_', '') as NonNullable<Definition['type']>;
    if (!keyword.startsWith('def_')) prompt(rest, entry);
  } else if (keyword === 'prompt') prompt(rest, entry);
  else if (keyword === 'range' && definition !== undefined) {
    const [bounds = '', when] = conditional(rest);
    const [low = '', high = ''] = bounds.split(/\s+/);
    definition.ranges.push({ low, high, when });
  } else if (keyword === 'select' && symbol !== undefined) {
    const [target = '', when] = conditional(rest);
    const known = symbols.selects.get(target) ?? [];
    known.push({ by: symbol, when });
    symbols.selects.set(target, known);
  }
}

function prompt(rest: string, entry: Entry): void {
  const quoted = /^(["'])(?:[^\\]|\\.)*?\1\s*(?:if\s+(.*))?$/.exec(rest);
  if (quoted === null || entry.definition === undefined) return;
  entry.definition.prompt = true;
  if (quoted[2] !== undefined) entry.conditions.push(quoted[2]);
}

function conditional(rest: string): [string, string | undefined] {
  const at = rest.search(/\sif\s/);
  return at < 0
    ? [rest.trim(), undefined]
    : [rest.slice(0, at).trim(), rest.slice(at).replace(/^\s*if\s+/, '')];
}

function split(words: string): [string, string] {
  const match = /^(\S+)\s*(.*)$/.exec(words);
  return [match?.[1] ?? '', match?.[2] ?? ''];
}

function sourced(rest: string, { architecture }: State): string {
  const path = rest.replace(/^["']|["']$/g, '').replaceAll('$(srctree)/', '');
  return path.replaceAll('$(SRCARCH)', architecture);
}

/** The statements of a file, without help texts and comments; lines that end in a backslash are joined. */
function* statements(text: string): Generator<string> {
  const lines = text.split('\n');
  for (let at = 0; at < lines.length; at++) {
    let words = lines[at] as string;
    while (words.endsWith('\\') && at + 1 < lines.length) words = `${words.slice(0, -1)} ${lines[++at]}`;
    words = withoutComment(words).trim();
    if (words === 'help' || words === '---help---') at = afterHelp(lines, at + 1) - 1;
    else if (words !== '') yield words;
  }
}

function withoutComment(words: string): string {
  if (!words.includes('#')) return words;
  return words.replace(/("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|#.*/g, (_, quoted?: string) => quoted ?? '');
}

/** A help text ends at the first line that is indented less than its first one. */
function afterHelp(lines: string[], from: number): number {
  let at = from;
  while (at < lines.length && (lines[at] as string).trim() === '') at++;
  const depth = indentation(lines[at] ?? '');
  if (depth === 0) return at;
  while (
    at < lines.length &&
    ((lines[at] as string).trim() === '' || indentation(lines[at] as string) >= depth)
  )
    at++;
  return at;
}

/** Columns of white space; a tab reaches to the next multiple of eight. */
function indentation(line: string): number {
  let columns = 0;
  for (const character of line) {
    if (character === '\t') columns += 8 - (columns % 8);
    else if (character === ' ') columns++;
    else break;
  }
  return columns;
}

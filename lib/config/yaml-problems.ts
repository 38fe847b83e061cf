import type { YAMLException } from 'js-yaml';
import type { Place, Source } from './node';

/** What a YAML parser complains of, said so that it can be put right. */
export interface YamlProblem {
  place: Place;
  message: string;
}

/** The longest part of a line that a message shows. */
const SHOWN = 100;

/** The parser's own words, and what they mean to the person who wrote the file. */
const MEANINGS: readonly (readonly [RegExp, string])[] = [
  [/tab characters must not be used in indentation/, 'a tab in the indentation; YAML takes blanks only'],
  [/null byte|non-printable/, 'a character that no text has; is the file damaged, or no text at all?'],
  [/maxDepth/, 'more than 100 levels of brackets or indentation'],
  [
    /unknown scalar tag !<tag:yaml.org,2002:(\w+)>/,
    'unknown tag !!$1; values are texts, numbers, true, false and null',
  ],
  [/unknown scalar tag !<(.*)>/, 'unknown tag $1; lists may have !append'],
  [/cannot resolve a node with !<tag:yaml.org,2002:(\w+)> explicit tag/, 'the value is no !!$1'],
];

/** A parser's error with its place: where a bracket or quote was opened that is never closed, else where it stopped. */
export function explainYaml(error: YAMLException, input: string, source: Source): YamlProblem {
  const place = { source, line: (error.mark?.line ?? 0) + 1, column: (error.mark?.column ?? 0) + 1 };
  const open = lastUnclosed(input);
  if (open !== undefined && isAfter(place, open)) {
    const at = { source, line: open.line, column: open.column };
    return { place: at, message: `this ${open.character} is never closed${excerpt(input, at)}` };
  }
  const known = MEANINGS.find(([pattern]) => pattern.test(error.reason));
  const reason =
    known === undefined ? error.reason : error.reason.replace(/^[\s\S]*$/, (all) => said(known, all));
  const first = input.split(/\r?\n/)[place.line - 1]?.[place.column - 1] ?? '';
  const quotes =
    '%@`'.includes(first) && first !== '' ? `; a text that begins with ${first} has to be in quotes` : '';
  return { place, message: `${reason}${quotes}${excerpt(input, place)}` };
}

function said([pattern, meaning]: readonly [RegExp, string], reason: string): string {
  const [, one = ''] = pattern.exec(reason) ?? [];
  return meaning.replace('$1', one);
}

/** The invalid line with a caret below; of a long one the part around it. */
function excerpt(input: string, { line, column }: Place): string {
  const text = input.split(/\r?\n/)[line - 1];
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they would change the terminal
  if (text === undefined || text.trim() === '' || /[\x00-\x08\x0b-\x1f]/.test(text)) return '';
  const from = column > SHOWN ? column - SHOWN / 2 : 0;
  const shown = text.slice(from, from + SHOWN);
  const pad = shown.slice(0, column - 1 - from).replace(/[^\t]/g, ' ');
  return `\n    ${shown}\n    ${pad}^`;
}

const CLOSING: Readonly<Record<string, string>> = { '[': ']', '{': '}', '"': '"', "'": "'" };

interface Opening {
  character: string;
  line: number;
  column: number;
}

/** The last bracket or quote that is never closed; quotes and brackets in comments and plain texts do not count. */
function lastUnclosed(input: string): Opening | undefined {
  const open: Opening[] = [];
  let [line, start] = [1, 0];
  let before = '\n';
  for (let at = 0; at < input.length; at++) {
    const character = input[at] as string;
    const quote = open.at(-1)?.character;
    if (character === '\n') {
      line++;
      start = at + 1;
    } else if (quote === '"' || quote === "'") {
      if (quote === '"' && character === '\\') at++;
      else if (character === quote) open.pop();
    } else if (character === '#' && /\s/.test(before)) {
      const end = input.indexOf('\n', at);
      at = (end === -1 ? input.length : end) - 1;
    } else if (begins(character, input.slice(start, at), open.length > 0)) {
      open.push({ character, line, column: at - start + 1 });
    } else if (character === CLOSING[quote ?? '']) open.pop();
    before = input[at] as string;
  }
  return open.at(-1);
}

/** Whether a character opens something where it stands: at the start of a value, or inside of brackets. */
function begins(character: string, line: string, inside: boolean): boolean {
  if (CLOSING[character] === undefined) return false;
  return /(^|[:\-?]\s)\s*(![\w!]+\s+|&\S+\s+)*$/.test(line) || (inside && /[[{,:]\s*$|^\s*$/.test(line));
}

function isAfter(place: Place, { line, column }: Opening): boolean {
  return place.line > line || (place.line === line && place.column >= column);
}

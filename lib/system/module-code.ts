import { readFileSync } from 'node:fs';
import { transform } from 'sucrase';

const { parse }: typeof import('sucrase/dist/types/parser') = require('sucrase/dist/parser');
const { TokenType }: typeof import('sucrase/dist/types/parser/tokenizer/types') =
  require('sucrase/dist/parser/tokenizer/types');

const COMMENT = /\/\*[\s\S]*?\*\/|\/\/.*/g;
/** One of these, and V8 takes two bytes for each character of the whole text. */
const WIDE = /[^\0-\u00ff]/g;

/**
 * JavaScript of a source, or of a package's file, as module-cache.ts keeps it. Lines are those of the source.
 *
 * Node has the rest of the language: what stands in for it takes longer, most of all in asynchronous functions.
 */
export function codeOf(file: string): string {
  const text = readFileSync(file, 'utf8');
  if (!file.endsWith('.ts')) return lean(text);
  const options = { filePath: file, disableESTransforms: true };
  return late(lean(transform(text, { ...options, transforms: ['imports', 'typescript'] }).code));
}

/** Without comments, which would be read at every start, and with texts that have a byte for each character. */
function lean(code: string): string {
  // A template of `String.raw` has no escapes.
  const texts = [TokenType.string, ...(code.includes('String.raw') ? [] : [TokenType.template])];
  let made = '';
  let end = 0;
  for (const token of parse(code, false, false, false).tokens) {
    made += between(code.slice(end, token.start));
    const text = code.slice(token.start, token.end);
    made += texts.includes(token.type) ? text.replace(WIDE, escaped) : text;
    end = token.end;
  }
  return made + between(code.slice(end));
}

/** White space with as many lines. */
function between(gap: string): string {
  if (!gap.includes('/')) return gap;
  return gap.replace(COMMENT, (comment) => comment.replace(/.+/g, '') || ' ').replace(/[ \t]+(?=\n)/g, '');
}

function escaped(letter: string): string {
  return `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/**
 * A module waits until something of it is used: half of them are there for steps that run. One that is handed on as a
 * whole does not.
 */
function late(code: string): string {
  return code.replace(/\bvar (_\w+) = require\('(\.[^']*)'\);/g, (line, name, path) =>
    code.match(new RegExp(`\\b${name}\\b(?!\\.)`, 'g'))?.length === 1
      ? `var ${name} = require.late('${path}');`
      : line,
  );
}

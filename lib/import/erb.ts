/** An ERB template as EJS. */
export interface Converted {
  text: string;
  /** Ruby code that can't be converted. */
  left: string[];
}

// The Ruby statements that are converted: the start or end of a block, or a condition.
const STATEMENTS: readonly (readonly [RegExp, (...parts: string[]) => string | undefined])[] = [
  [/^end$/, () => '}'],
  [/^else$/, () => '} else {'],
  [/^elsif (.+)$/, (what = '') => wrap(what, (condition) => `} else if (${condition}) {`)],
  [/^if (.+)$/, (what = '') => wrap(what, (condition) => `if (${condition}) {`)],
  [/^unless (.+)$/, (what = '') => wrap(what, (condition) => `if (!(${condition})) {`)],
  [
    /^(.+)\.each_with_index do \|(\w+), *(\w+)\|$/,
    (list = '', item, at) => wrap(list, (of) => `for (const [${at}, ${item}] of ${of}.entries()) {`),
  ],
  [
    /^(.+)\.each do \|(\w+), *(\w+)\|$/,
    (map = '', key, value) => wrap(map, (of) => `for (const [${key}, ${value}] of Object.entries(${of})) {`),
  ],
  [/^(.+)\.each do \|(\w+)\|$/, (list = '', item) => wrap(list, (of) => `for (const ${item} of ${of}) {`)],
];

/** Keys that keep their place; all others are in `vars`. */
const OWN = new Set(['hostname']);

/**
 * Converts an ERB template of dock0 to EJS: values of `@config` (`CONFIG` in its first versions), loops and conditions.
 * dock0 rendered with trim mode `<>` (ERB.new): a line that starts with `<%` and ends with `%>` has no line end.
 */
export function convertErb(erb: string): Converted {
  const left: string[] = [];
  const text = erb.replace(
    /<%(=|#|%)?([\s\S]*?)-?%>/g,
    (whole, kind: string | undefined, ruby: string, at: number) => {
      if (kind === '%') return whole;
      const code = ruby.trim();
      const converted = kind === '#' ? '' : kind === '=' ? expression(code) : statement(code);
      if (converted === undefined) {
        left.push(code);
        return whole;
      }
      const close = hasNoLineEnd(erb, at, at + whole.length) ? '-%>' : '%>';
      return `<%${kind ?? ''} ${converted}${converted === '' ? '' : ' '}${close}`;
    },
  );
  return { text, left };
}

function hasNoLineEnd(erb: string, start: number, end: number): boolean {
  const lineStart = erb.lastIndexOf('\n', start - 1) + 1;
  return erb.startsWith('<%', start === 0 ? 0 : lineStart) && (end === erb.length || erb[end] === '\n');
}

function statement(code: string): string | undefined {
  for (const [pattern, say] of STATEMENTS) {
    const match = pattern.exec(code);
    if (match !== null) return say(...match.slice(1));
  }
  return undefined;
}

function wrap(ruby: string, say: (converted: string) => string): string | undefined {
  const converted = expression(ruby);
  return converted === undefined ? undefined : say(converted);
}

/** An expression: a value of `@config` or of a loop, a string or a number, with methods that JavaScript has too. */
function expression(code: string): string | undefined {
  const both = /^(.+?) (&&|\|\||==|!=) (.+)$/.exec(code);
  if (both !== null) {
    const [, a = '', operator = '', b = ''] = both;
    const [left, right] = [expression(a.trim()), expression(b.trim())];
    const written = { '==': '===', '!=': '!==' }[operator] ?? operator;
    return left === undefined || right === undefined ? undefined : `${left} ${written} ${right}`;
  }
  if (/^!\s*/.test(code)) return wrap(code.replace(/^!\s*/, ''), (inner) => `!${inner}`);
  if (/^(-?\d+|'[^'\\]*'|"[^"\\#]*"|true|false)$/.test(code)) return code;
  if (code === 'nil') return 'null';
  const match =
    /^(@config|config|CONFIG|[a-z_]\w*)((?:\[(?::\w+|'[\w-]+'|"[\w-]+"|-?\d+)\])*)((?:\.\w+(?:\([^()]*\))?[?!]?)*)$/.exec(
      code,
    );
  if (match === null) return undefined;
  const [, base = '', indices = '', methods = ''] = match;
  const keys = [...indices.matchAll(/\[:?(['"]?)(-?[\w-]+)\1\]/g)].map(([, , key = '']) => key);
  const value = /^(@?config|CONFIG)$/.test(base) ? ofConfig(keys) : access(base, keys);
  if (value === undefined) return undefined;
  return [...methods.matchAll(/\.(\w+)(?:\(([^()]*)\))?([?!]?)/g)].reduce<string | undefined>(
    (so, [, name = '', args, mark]) => (so === undefined ? undefined : method(so, `${name}${mark}`, args)),
    value,
  );
}

function ofConfig([first, ...rest]: string[]): string | undefined {
  if (first === undefined) return undefined;
  return OWN.has(first) ? access(first, rest) : access('vars', [first, ...rest]);
}

function access(base: string, keys: readonly string[]): string {
  return keys.reduce((so, key) => {
    if (/^-\d+$/.test(key)) return `${so}.at(${key})`;
    if (/^\d+$/.test(key)) return `${so}[${key}]`;
    return /^[A-Za-z_]\w*$/.test(key) ? `${so}.${key}` : `${so}[${JSON.stringify(key)}]`;
  }, base);
}

function method(value: string, name: string, args: string | undefined): string | undefined {
  const text = args?.trim() ?? '';
  const quoted = /^(['"])[^'"\\]*\1$/.test(text);
  if (text === '') {
    const plain: Record<string, string> = {
      first: `${value}[0]`,
      last: `${value}.at(-1)`,
      upcase: `${value}.toUpperCase()`,
      downcase: `${value}.toLowerCase()`,
      to_s: `String(${value})`,
      to_i: `Number.parseInt(${value}, 10)`,
      strip: `${value}.trim()`,
      size: `${value}.length`,
      length: `${value}.length`,
      keys: `Object.keys(${value})`,
      'empty?': `(${value}.length === 0)`,
      'nil?': `(${value} == null)`,
      join: `${value}.join('')`,
    };
    return plain[name];
  }
  if (quoted && (name === 'join' || name === 'split')) return `${value}.${name}(${text})`;
  if (quoted && name === 'include?') return `${value}.includes(${text})`;
  return undefined;
}

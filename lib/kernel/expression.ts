/** The value of a symbol in a .config, quotes included; undefined when the .config does not name it. */
export type Lookup = (symbol: string) => string | undefined;

const TOKEN = /\s*(&&|\|\||!=|<=|>=|[()!=<>]|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[A-Za-z0-9_.-]+)/y;
const COMPARISON = /^(?:=|!=|<|>|<=|>=)$/;
const VALUES = 'nmy';

/**
 * What an expression of the Kconfig language comes to (Documentation/kbuild/kconfig-language.rst, "Menu
 * dependencies"): `&&` is the lesser, `||` the greater, `!` the rest to y. A macro (`$(cc-option,…)`) is taken for y:
 * its value depends on the compiler, and the finished configuration already shows it.
 *
 * @returns 0 for n, 1 for m, 2 for y
 * @throws SyntaxError on text that is no expression
 */
export function evaluate(text: string, lookup: Lookup): number {
  const tokens = tokensOf(text);
  let at = 0;
  const atom = (): string => {
    const token = tokens[at++] ?? '';
    if (token === '!') return VALUES[2 - tristate(atom())] as string;
    if (token === '(') {
      const inner = either();
      if (tokens[at++] !== ')') throw new SyntaxError(`a parenthesis is missing: ${text}`);
      return inner;
    }
    if (!/^["'\w-]/.test(token)) throw new SyntaxError(`not a Kconfig expression: ${text}`);
    return /^["']/.test(token) ? token.slice(1, -1) : settingIn(token, lookup);
  };
  const comparison = (): string => {
    const left = atom();
    if (!COMPARISON.test(tokens[at] ?? '')) return left;
    return compare(tokens[at++] as string, left, atom()) ? 'y' : 'n';
  };
  const joined = (operator: string, part: () => string, pick: typeof Math.min) => (): string => {
    let left = part();
    while (tokens[at] === operator) {
      at++;
      left = VALUES[pick(tristate(left), tristate(part()))] as string;
    }
    return left;
  };
  const either = joined('||', joined('&&', comparison, Math.min), Math.max);
  const value = either();
  if (at < tokens.length) throw new SyntaxError(`unexpected ${tokens[at]} in: ${text}`);
  return tristate(value);
}

/** The parts of an expression that `&&` joins. */
export function conjuncts(text: string): string[] {
  const parts = [''];
  let depth = 0;
  for (const token of tokensOf(text)) {
    if (token === '(') depth++;
    if (token === ')') depth--;
    if (token === '||' && depth === 0) return [text.trim()];
    if (token === '&&' && depth === 0) parts.push('');
    else parts.push(`${parts.pop()}${/^(?:&&|\|\|)$/.test(token) ? ` ${token} ` : token}`);
  }
  return parts;
}

/** The symbols that an expression names. */
export function symbolsIn(text: string): string[] {
  return [...new Set(tokensOf(text).filter((token) => /^\w*[A-Z]\w*$/.test(token)))];
}

/** Macros, which may nest, are `y`. */
function tokensOf(text: string): string[] {
  let rest = text.trim();
  while (/\$\([^()]*\)/.test(rest)) rest = rest.replace(/\$\([^()]*\)/g, 'y');
  const tokens: string[] = [];
  const token = new RegExp(TOKEN);
  while (token.lastIndex < rest.length) {
    const match = token.exec(rest);
    if (match === null) throw new SyntaxError(`not a Kconfig expression: ${text}`);
    tokens.push(match[1] as string);
  }
  return tokens;
}

function settingIn(name: string, lookup: Lookup): string {
  const value = lookup(name);
  if (value !== undefined) return value.replace(/^"(.*)"$/, '$1');
  // A name that is no symbol is a constant: 3, 0x10, y.
  return /^(?:[ymn]|-?\d+|0x[0-9a-fA-F]+)$/.test(name) ? name : 'n';
}

function tristate(value: string): number {
  return value === 'y' ? 2 : value === 'm' ? 1 : 0;
}

function compare(operator: string, left: string, right: string): boolean {
  const numbers = left !== '' && right !== '' && !Number.isNaN(Number(left)) && !Number.isNaN(Number(right));
  const order = numbers ? Number(left) - Number(right) : left < right ? -1 : Number(left > right);
  const equal = operator === '!=' ? order !== 0 : operator.includes('=') && order === 0;
  return equal || (operator.startsWith('<') && order < 0) || (operator.startsWith('>') && order > 0);
}

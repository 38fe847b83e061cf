/**
 * The expressions of the Kconfig language (Documentation/kbuild/kconfig-language.rst, "Menu dependencies"): three
 * values n < m < y; `&&` is the lesser, `||` the greater, `!` the rest to y.
 */
export type Expression =
  | { type: 'symbol'; name: string }
  | { type: 'text'; text: string }
  | { type: 'not'; of: Expression }
  | { type: 'and' | 'or'; left: Expression; right: Expression }
  | { type: 'compare'; operator: string; left: Expression; right: Expression };

/** 0 is n, 1 is m, 2 is y. */
export type Tristate = 0 | 1 | 2;

const TOKEN = /\s*(&&|\|\||!=|<=|>=|[()!=<>]|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[A-Za-z0-9_.-]+)/y;

/**
 * Parses an expression. A macro (`$(cc-option,…)`) is taken for `y`: what it says depends on the compiler, and the
 * configuration that came out already tells.
 *
 * @throws SyntaxError on text that is no expression
 */
export function parseExpression(text: string): Expression {
  const tokens = tokenise(withoutMacros(text));
  let at = 0;
  const peek = (): string | undefined => tokens[at];
  const atom = (): Expression => {
    const token = tokens[at++];
    if (token === undefined) throw new SyntaxError(`an expression ends too soon: ${text}`);
    if (token === '!') return { type: 'not', of: atom() };
    if (token === '(') {
      const inner = either();
      if (tokens[at++] !== ')') throw new SyntaxError(`a parenthesis is missing: ${text}`);
      return inner;
    }
    if (/^["']/.test(token)) return { type: 'text', text: token.slice(1, -1) };
    if (/^\w|^-/.test(token)) return { type: 'symbol', name: token };
    throw new SyntaxError(`unexpected ${token} in: ${text}`);
  };
  const comparison = (): Expression => {
    const left = atom();
    const operator = peek();
    if (operator === undefined || !/^(=|!=|<|>|<=|>=)$/.test(operator)) return left;
    at++;
    return { type: 'compare', operator, left, right: atom() };
  };
  const both = (): Expression => {
    let left = comparison();
    while (peek() === '&&') {
      at++;
      left = { type: 'and', left, right: comparison() };
    }
    return left;
  };
  const either = (): Expression => {
    let left = both();
    while (peek() === '||') {
      at++;
      left = { type: 'or', left, right: both() };
    }
    return left;
  };
  const whole = either();
  if (at < tokens.length) throw new SyntaxError(`unexpected ${tokens[at]} in: ${text}`);
  return whole;
}

function tokenise(text: string): string[] {
  const tokens: string[] = [];
  const token = new RegExp(TOKEN);
  while (token.lastIndex < text.trimEnd().length) {
    const at = token.lastIndex;
    const match = token.exec(text);
    if (match === null) throw new SyntaxError(`no Kconfig expression: ${text.slice(at)}`);
    tokens.push(match[1] as string);
  }
  return tokens;
}

/** Replaces `$(…)`, which may nest, by `y`. */
function withoutMacros(text: string): string {
  let rest = text;
  while (/\$\([^()]*\)/.test(rest)) rest = rest.replace(/\$\([^()]*\)/g, 'y');
  return rest;
}

/** The value of a symbol in a .config, quotes included; undefined when it does not say. */
export type Lookup = (symbol: string) => string | undefined;

/** What an expression comes to. */
export function evaluate(expression: Expression, lookup: Lookup): Tristate {
  switch (expression.type) {
    case 'symbol':
      return toTristate(textOf(expression, lookup));
    case 'text':
      return toTristate(expression.text);
    case 'not':
      return (2 - evaluate(expression.of, lookup)) as Tristate;
    case 'and':
      return Math.min(evaluate(expression.left, lookup), evaluate(expression.right, lookup)) as Tristate;
    case 'or':
      return Math.max(evaluate(expression.left, lookup), evaluate(expression.right, lookup)) as Tristate;
    case 'compare':
      return compare(expression.operator, textOf(expression.left, lookup), textOf(expression.right, lookup))
        ? 2
        : 0;
  }
}

function textOf(expression: Expression, lookup: Lookup): string {
  if (expression.type === 'text') return expression.text;
  if (expression.type !== 'symbol') return 'nmy'[evaluate(expression, lookup)] as string;
  const value = lookup(expression.name);
  if (value !== undefined) return value.replace(/^"(.*)"$/, '$1');
  // A name that is no symbol is a constant: 3, 0x10, y.
  return /^(?:[ymn]|-?\d+|0x[0-9a-fA-F]+)$/.test(expression.name) ? expression.name : 'n';
}

function toTristate(text: string): Tristate {
  return text === 'y' ? 2 : text === 'm' ? 1 : 0;
}

function compare(operator: string, left: string, right: string): boolean {
  const numeric = !Number.isNaN(Number(left)) && !Number.isNaN(Number(right)) && left !== '' && right !== '';
  const order = numeric ? Number(left) - Number(right) : left < right ? -1 : left > right ? 1 : 0;
  switch (operator) {
    case '=':
      return order === 0;
    case '!=':
      return order !== 0;
    case '<':
      return order < 0;
    case '>':
      return order > 0;
    case '<=':
      return order <= 0;
    default:
      return order >= 0;
  }
}

/** An expression as the Kconfig files write it. */
export function show(expression: Expression): string {
  switch (expression.type) {
    case 'symbol':
      return expression.name;
    case 'text':
      return `"${expression.text}"`;
    case 'not':
      return `!${group(expression.of)}`;
    case 'compare':
      return `${show(expression.left)}${expression.operator}${show(expression.right)}`;
    case 'and':
      return `${group(expression.left, 'and')} && ${group(expression.right, 'and')}`;
    case 'or':
      return `${group(expression.left, 'or')} || ${group(expression.right, 'or')}`;
  }
}

function group(expression: Expression, within?: 'and' | 'or'): string {
  const binary = expression.type === 'and' || expression.type === 'or';
  return binary && expression.type !== within ? `(${show(expression)})` : show(expression);
}

/** The parts that `&&` joins. */
export function conjuncts(expression: Expression): Expression[] {
  return expression.type === 'and'
    ? [...conjuncts(expression.left), ...conjuncts(expression.right)]
    : [expression];
}

/** The symbols an expression names. */
export function symbolsIn(expression: Expression): string[] {
  switch (expression.type) {
    case 'symbol':
      return [expression.name];
    case 'text':
      return [];
    case 'not':
      return symbolsIn(expression.of);
    default:
      return [...symbolsIn(expression.left), ...symbolsIn(expression.right)];
  }
}

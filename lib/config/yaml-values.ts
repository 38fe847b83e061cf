import type { Node } from './node';

/** Names that every object of JavaScript has: as keys they get lost on the way, or mean something else. */
const RESERVED = ['__proto__', 'constructor', 'prototype'];

/** What is wrong with a name as a key, or nothing. */
export function keyProblem(name: string): string | undefined {
  return RESERVED.includes(name) ? 'a name that cannot be a key: JavaScript uses it itself' : undefined;
}

/** What is wrong with a number that is not what it looks like, or nothing. */
export function numberProblem(text: string, value: number): string | undefined {
  if (/^[-+]?0\d+$/.test(text))
    return `${text} would be the number ${value}; put it in quotes, or write 0o${text.replace(/^[-+]?0+/, '') || '0'} for an octal number`;
  if (!Number.isFinite(value)) return `${text} is no number that can be used; put it in quotes`;
  if (Number.isInteger(value) && !Number.isSafeInteger(value))
    return `${text} would become ${BigInt(value)}: the number is too large; put it in quotes`;
  return undefined;
}

/** Values that aliases may repeat in a document; more of them come from a mistake, or are meant to fill the memory. */
const MOST_VALUES = 100_000;

export const TOO_MANY = `aliases stand for more than ${MOST_VALUES} values`;

/** Counts what the aliases of a document stand for: aliases of aliases grow without bounds. */
export class Aliases {
  private values = 0;
  private told = false;
  private readonly weights = new Map<Node, number>();

  /** @returns whether that many values are fine */
  add(target: Node): boolean {
    this.values += this.weightOf(target);
    return this.values <= MOST_VALUES;
  }

  /** Whether to say so: only once for a document. */
  overflow(): boolean {
    const first = !this.told;
    this.told = true;
    return first;
  }

  private weightOf(node: Node): number {
    const known = this.weights.get(node);
    if (known !== undefined) return known;
    const inside =
      node.kind === 'list'
        ? node.items
        : node.kind === 'map'
          ? [...node.entries.values()].map(({ value }) => value)
          : [];
    const weight = inside.reduce((sum, each) => sum + this.weightOf(each), 1);
    this.weights.set(node, weight);
    return weight;
  }
}

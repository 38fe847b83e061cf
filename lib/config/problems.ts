import { Dock0Error } from '../error';
import type { Node, Place } from './node';

/** One thing that is wrong with the configuration. */
export interface Problem {
  /** The file, relative to the working directory, or the flag (`--set a.b`). */
  file: string;
  /** From 1; 0 where there are no lines. */
  line: number;
  column: number;
  /** The key's path, dots between; empty when it is about the whole file. */
  key: string;
  message: string;
}

/** Tells what is wrong with a key; `at` is the key whose line is to be named when it is another. */
export type Wrong = (keys: readonly string[], message: string, at?: readonly string[]) => void;

/** Everything that is wrong with the configuration, in the order of files and lines. */
export class ConfigError extends Dock0Error {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    const lines = problems.map(formatProblem);
    super(
      lines.length === 1
        ? (lines[0] as string)
        : `${lines.length} problems in the configuration:\n${lines.map((line) => `  ${line.replaceAll('\n', '\n  ')}`).join('\n')}`,
    );
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

/** `file:line:column: key: message`; the key of a `--set` flag is named once. */
export function formatProblem({ file, line, column, key, message }: Problem): string {
  const place = line === 0 ? file : `${file}:${line}:${column}`;
  const named = key === '' || (line === 0 && file.endsWith(` ${key}`));
  return `${place}: ${named ? '' : `${key}: `}${message}`;
}

/** Collects what is wrong, so that all of it is told at once. */
export class Problems {
  private readonly found = new Map<string, Problem>();
  /** Something could not be read at all: what is missing because of it is no problem of its own. */
  broken = false;

  add(place: Place, keys: readonly string[], message: string): void {
    const { name, lines } = place.source;
    const problem: Problem = {
      file: name,
      line: lines ? place.line : 0,
      column: lines ? place.column : 0,
      key: showKeys(keys),
      message,
    };
    this.found.set(formatProblem(problem), problem);
  }

  /** @throws ConfigError when there are any */
  throwIfAny(): void {
    if (this.found.size === 0) return;
    throw new ConfigError(
      [...this.found.values()].sort(
        (a, b) => compare(a.file, b.file) || a.line - b.line || a.column - b.column || compare(a.key, b.key),
      ),
    );
  }
}

/** Keys as they are written: dots between, quoted where a key holds a dot. */
export function showKeys(keys: readonly string[]): string {
  return keys.map((key) => (/^[^."]+$/.test(key) ? key : JSON.stringify(key))).join('.');
}

/** What was found, for "expected …, found …". */
export function describe(node: Node | undefined, secret = false): string {
  if (node === undefined) return 'nothing';
  if (node.kind === 'map') return 'a map';
  if (node.kind === 'list') return 'a list';
  if (node.secret) return 'a value from the environment';
  if (node.value === null) return 'nothing';
  if (secret) return 'something else';
  if (typeof node.value !== 'string') {
    return typeof node.value === 'number' ? `the number ${node.value}` : String(node.value);
  }
  if (node.value === '') return 'an empty text';
  return JSON.stringify(node.value.length > 80 ? `${node.value.slice(0, 79)}…` : node.value);
}

/** `; did you mean …?`, or nothing. */
export function meant(suggestion: string | undefined): string {
  return suggestion === undefined ? '' : `; did you mean ${suggestion}?`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

import { Dock0Error } from '../error';
import type { Node, Place } from './node';

/** A mistake in the configuration. */
export interface Problem {
  /** The file, relative to the working directory, or the flag (`--set a.b`). */
  file: string;
  /** From 1; 0 where there are no lines. */
  line: number;
  column: number;
  /** The path of the key with dots; empty for the whole file. */
  key: string;
  message: string;
}

/** Reports a problem of a key; `at` is the key whose line the message names, if it is another. */
export type Wrong = (keys: readonly string[], message: string, at?: readonly string[]) => void;

/** All problems of a configuration, sorted by file and line. */
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

/** `file:line:column: key: message`; the key of a `--set` flag appears once. */
export function formatProblem(problem: Problem): string {
  return `${placeIn(problem)}: ${problem.message}`;
}

/** `file:line:column: key` */
export function formatPlace(place: Place, keys: readonly string[]): string {
  return placeIn(problemAt(place, keys, ''));
}

function placeIn({ file, line, column, key }: Problem): string {
  const place = line === 0 ? file : `${file}:${line}:${column}`;
  const named = key === '' || (line === 0 && file.endsWith(` ${key}`));
  return named ? place : `${place}: ${key}`;
}

/** Collects problems, so that all are reported at once. None of them shows a secret, whoever reports it. */
export class Problems {
  private readonly found = new Map<string, Problem>();
  private readonly noted = new Map<string, Problem>();
  /** Something could not be read: values that are missing because of it are not reported. */
  broken = false;

  /** @param mask hides secrets in a line; asked when problems are shown, as more of them are known by then */
  constructor(private readonly mask = (line: string): string => line) {}

  add(place: Place, keys: readonly string[], message: string): void {
    const problem = problemAt(place, keys, message);
    this.found.set(formatProblem(problem), problem);
  }

  /** Notes something that can be built, but is hardly what was meant. */
  warn(place: Place, keys: readonly string[], message: string): void {
    const problem = problemAt(place, keys, message);
    this.noted.set(formatProblem(problem), problem);
  }

  /** Runs a check and keeps nothing of what it notes. */
  withoutNotes<T>(check: () => T): T {
    const before = [...this.noted];
    const result = check();
    this.noted.clear();
    for (const [key, problem] of before) this.noted.set(key, problem);
    return result;
  }

  /** What was noted, each a line. */
  warnings(): string[] {
    return this.masked(this.noted).map(formatProblem);
  }

  /** What is wrong, each a line. */
  lines(): string[] {
    return this.masked(this.found).map(formatProblem);
  }

  /** @throws ConfigError when there are any */
  throwIfAny(): void {
    if (this.found.size > 0) throw new ConfigError(this.masked(this.found));
  }

  private masked(problems: ReadonlyMap<string, Problem>): Problem[] {
    return sorted(problems.values()).map((problem) => ({ ...problem, message: this.mask(problem.message) }));
  }
}

function problemAt(place: Place, keys: readonly string[], message: string): Problem {
  const { name, lines } = place.source;
  const [line, column] = lines ? [place.line, place.column] : [0, 0];
  return { file: name, line, column, key: showKeys(keys), message };
}

function sorted(problems: Iterable<Problem>): Problem[] {
  return [...problems].sort(
    (a, b) => compare(a.file, b.file) || a.line - b.line || a.column - b.column || compare(a.key, b.key),
  );
}

/** A path of keys as it is written: with dots, and quotes around a key with a dot in it. */
export function showKeys(keys: readonly string[]): string {
  return keys.map((key) => (/^[^."]+$/.test(key) ? key : JSON.stringify(key))).join('.');
}

/** A node in words, for "expected …, found …". */
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
  if (node.value === '') return 'an empty string';
  return JSON.stringify(node.value.length > 80 ? `${node.value.slice(0, 79)}…` : node.value);
}

/** `; did you mean …?`, or nothing. */
export function meant(suggestion: string | undefined): string {
  return suggestion === undefined ? '' : `; did you mean ${suggestion}?`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

import { existsSync } from 'node:fs';
import { dirname, relative } from 'node:path';
import type { GenericSchema } from 'valibot';
import type { Node, ScalarNode } from './node';
import { linesOf, locate, namedBelow, pathProblem } from './paths';
import { describe, type Problems } from './problems';
import { readText } from './text-file';
import { expectationOf, treatmentOf } from './walk';

/** What loading depends on, and what it collects. */
export interface World {
  schema: GenericSchema;
  cwd: string;
  env: Readonly<Record<string, string | undefined>>;
  problems: Problems;
  /** Collected: what came from outside, by its reference: `env:HOME`, `secret:TOKEN`. */
  outside: Record<string, string>;
  /** Collected: the files that were read, absolute. */
  files: Set<string>;
}

/** A path in the configuration. */
export interface StatedPath {
  /** With references replaced. */
  value: ScalarNode;
  /** As the file has it, whose folder it is relative to. */
  stated: ScalarNode;
  /** The schema of the path or, of a file with a list in it, of the list. */
  schema: GenericSchema;
  keys: readonly string[];
  world: World;
}

/** Makes a path absolute; a missing one that has to exist is a problem, and one that leads to another kind of file. */
export function absolute(path: StatedPath, hasToExist: boolean): ScalarNode {
  const { value, stated, schema, world } = path;
  const treatment = treatmentOf(schema);
  if (typeof value.value !== 'string' || treatment.except?.test(value.value)) return value;
  if (value.value === '') {
    report(path);
    return { ...value, failed: true };
  }
  const full = namedBelow(world.cwd, locate(value.value, stated.place.source.folder, treatment));
  const checked = hasToExist || (treatment.maybe === true && existsSync(full));
  const wrong = checked ? pathProblem(full, value.value, treatment) : undefined;
  if (wrong !== undefined) report(path, wrong);
  return { ...value, value: full, ...(wrong === undefined ? {} : { failed: true }) };
}

/** The items of a list in a file, one per line, with their places there. */
export function linesAt(path: StatedPath): Node[] {
  const { value, stated, schema, keys, world } = path;
  const full = locate(String(value.value), stated.place.source.folder, {});
  const wrong = pathProblem(full, String(value.value), { path: 'file' });
  if (wrong !== undefined) {
    report(path, wrong);
    return [];
  }
  world.files.add(full);
  const source = { name: relative(world.cwd, full), folder: dirname(full), lines: true };
  const read = readText(full);
  if ('problem' in read) {
    world.problems.add({ source, line: read.line, column: read.column }, keys, read.problem);
    return [];
  }
  const { one, content } = treatmentOf(schema);
  const unfit = content?.(read.text);
  if (unfit !== undefined) {
    report(path, unfit);
    return [];
  }
  const comments = one === undefined ? 'anywhere' : 'whole lines';
  return linesOf(read.text, comments).map(({ text, line }) => ({
    kind: 'scalar',
    value: text,
    literal: true,
    place: { source, line, column: 1 },
  }));
}

/** Reports a problem, without a suggestion if that could show a value of the environment. */
function report({ value, stated, schema, keys, world }: StatedPath, wrong?: string): void {
  const secret = value.secret === true;
  // The reference says which value it is; what it is set to stays out of messages.
  const found = secret ? `${describe({ ...stated, secret: false })} from the environment` : describe(value);
  const why = wrong === undefined ? '' : `: ${secret ? wrong.replace(/;.*/, '') : wrong}`;
  world.problems.add(stated.place, keys, `expected ${expectationOf(schema)}, found ${found}${why}`);
}

import { isAbsolute } from 'node:path';
import { Dock0Error } from '../error';
import type { FileInput, Step } from './step';

/**
 * Looks at a step as it is planned: a gulpfile in JavaScript may have left something out.
 *
 * @param way the names of the steps that led to it: each needs the next one
 * @throws Dock0Error for something that is no step, and for steps that need each other
 */
export function checkStep<C>(step: Step<string, C> | undefined, way: readonly string[]): void {
  const by = way.length === 0 ? '' : ` that ${way.at(-1)} needs`;
  if (typeof step?.name !== 'string') {
    throw new Dock0Error(`a step${by} is ${step === undefined ? 'undefined' : 'no step: it has no name'}`, {
      hint: 'Two files that import each other can leave one of them undefined: define the needed step first.',
    });
  }
  if (typeof step.run !== 'function')
    throw new Dock0Error(`the step ${step.name}${by} has no function \`run\``);
  if (way.includes(step.name))
    throw new Dock0Error(
      `steps need each other: ${[...way.slice(way.indexOf(step.name)), step.name].join(' -> ')}`,
    );
}

/** @throws Dock0Error for a file of a step's inputs that has no name or no absolute path */
export function checkedFile(step: string, file: FileInput): FileInput {
  const { name, path } = file ?? {};
  if (typeof name !== 'string') throw new Dock0Error(`${step}: a file of its inputs has no name`);
  if (typeof path !== 'string' || !isAbsolute(path))
    throw new Dock0Error(`${step}: the file "${name}" of its inputs has no absolute path`, {
      hint: `found ${JSON.stringify(path) ?? 'undefined'}; \`path.resolve\` makes a path absolute`,
    });
  return file;
}

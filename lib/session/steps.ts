import type { BuildContext, BuildStep } from '../build';
import { meant } from '../config/problems';
import { didYouMean } from '../config/suggest';
import { Dock0Error } from '../error';
import type { TaskSet } from './task';

/** Letters, digits and what separates words; a colon before the part of a step: `squash:packages`. */
const NAME = /^[a-z0-9][a-z0-9._-]*(:[a-z0-9][a-z0-9._-]*)?$/i;

/**
 * Checks the steps of a gulpfile: artifacts, logs and plans go by their names.
 *
 * @param forced the names that `--force` has
 * @throws Dock0Error for a name that cannot be one of a file, a name that two steps have, and a forced name that none has
 */
export function checkSteps({ steps }: TaskSet, context: BuildContext, forced: readonly string[]): void {
  const known = new Map<string, BuildStep>();
  for (const [task, { steps: made }] of Object.entries(steps)) {
    for (const step of made(context)) {
      if (!NAME.test(String(step?.name))) {
        throw new Dock0Error(`the task ${task} has a step named "${step?.name}"`, {
          hint: 'A name has letters, digits, `.`, `_` and `-`, and starts with a letter or a digit.',
        });
      }
      const other = known.get(step.name);
      if (other !== undefined && other !== step)
        throw new Dock0Error(`two steps are named "${step.name}"`, {
          hint: 'Give one of them another name.',
        });
      known.set(step.name, step);
    }
  }
  const names = [...new Set([...known.keys()].flatMap((name) => [name, name.split(':')[0] as string]))];
  for (const name of forced) {
    if (names.includes(name)) continue;
    throw new Dock0Error(`--force ${name}: no step is named so${meant(didYouMean(name, names))}`, {
      hint: `Steps: ${names.join(', ')}.`,
    });
  }
}

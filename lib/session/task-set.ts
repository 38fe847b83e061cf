import type { BuildContext, BuildStep } from '../build';
import { type FlagName, flagDescriptions } from '../config/flags';
import type { Config } from '../config/schema';
import type { Tool } from '../engine/step';
import { createSessionRunner, type Dock0Options, type Session } from './session';

/** A gulp task: what gulp.series and gulp.parallel take, with what `gulp --tasks` shows. */
export interface Task {
  (): Promise<void>;
  displayName: string;
  description: string;
  flags?: Record<string, string>;
}

/** A task that makes steps, and first all they depend on. */
export interface StepTask {
  description: string;
  flags?: readonly FlagName[];
  steps: (context: BuildContext) => readonly BuildStep[];
}

/** A task that does something else. */
export interface CommandTask {
  description: string;
  flags?: readonly FlagName[];
  /** What it calls besides what its steps do. */
  tools?: (config: Config) => readonly Tool[];
  /** Loads what it needs when it runs, so that other tasks start at once. */
  run: (session: Session) => Promise<void>;
}

/** The tasks of a gulpfile. */
export interface TaskSet {
  steps: Readonly<Record<string, StepTask>>;
  commands: Readonly<Record<string, CommandTask>>;
}

/** The task of a single step, or of several that belong together; the first one describes it. */
export function stepTask(...steps: readonly [BuildStep, ...BuildStep[]]): StepTask {
  return { description: steps[0].description, steps: () => steps };
}

/**
 * Makes gulp tasks. Each can run alone, since it first makes what it depends on, or be composed by gulp.series and
 * gulp.parallel; in one run a step is made once, however many tasks ask for it.
 *
 * @param options what the gulpfile states; the command line wins over it
 * @returns tasks by name; a task rejects with an error that gulp prints as one message
 */
export function taskSet<S extends string, C extends string>(
  steps: Record<S, StepTask>,
  commands: Record<C, CommandTask>,
  options: Dock0Options,
): Record<S | C, Task> {
  const runner = createSessionRunner(options, { steps, commands });
  const tasks: Record<string, Task> = {};
  for (const [name, made] of Object.entries<StepTask>(steps)) {
    tasks[name] = task(name, made.description, made.flags, (session) => runner.make(session, made.steps));
  }
  for (const [name, { description, flags, run }] of Object.entries<CommandTask>(commands)) {
    tasks[name] = task(name, description, flags, run);
  }
  return tasks;

  function task(
    displayName: string,
    description: string,
    flags: readonly FlagName[] = [],
    run: (session: Session) => Promise<void>,
  ): Task {
    const shown = Object.fromEntries(flags.map((flag) => [flag, flagDescriptions[flag].description]));
    return Object.assign(() => runner.perform(run), {
      displayName,
      description,
      ...(flags.length > 0 ? { flags: shown } : {}),
    });
  }
}

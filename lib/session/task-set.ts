import { type FlagName, flagDescriptions } from '../config/flags';
import { createSessionRunner } from './session';
import type { CommandTask, Dock0Options, Session, StepTask } from './task';

/** A gulp task: what gulp.series and gulp.parallel take, with what `gulp --tasks` shows. */
export interface Task {
  (): Promise<void>;
  displayName: string;
  description: string;
  flags?: Record<string, string>;
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
    tasks[name] = task(name, made.description, made.flags, async (session) => {
      await runner.make(session, made.steps);
      if (!session.flags.dryRun) await made.after?.(session);
    });
  }
  for (const [name, { description, flags, run, alone, looks }] of Object.entries<CommandTask>(commands)) {
    const work = async (session: Session): Promise<void> => {
      if (session.flags.dryRun && !looks && !flags?.includes('--dry-run')) session.log(`${name} would run`);
      else await run(session);
    };
    tasks[name] = task(name, description, flags, work, { alone });
  }
  return tasks;

  function task(
    displayName: string,
    description: string,
    flags: readonly FlagName[] = [],
    run: (session: Session) => Promise<void>,
    how: { alone?: boolean | undefined } = {},
  ): Task {
    const shown = Object.fromEntries(flags.map((flag) => [flag, flagDescriptions[flag].description]));
    return Object.assign(() => runner.perform(displayName, run, how), {
      displayName,
      description,
      ...(flags.length > 0 ? { flags: shown } : {}),
    });
  }
}

import type { Dock0Options } from '../lib/session/task';
import { type CommandTask, type StepTask, stepTask } from '../lib/session/task';
import { type Task, taskSet } from '../lib/session/task-set';
import { boot } from './boot';
import { clean } from './clean';
import { customize, host } from './customize';
import { doctor } from './doctor';
import { gc } from './gc';
import { images, imagesOf } from './images';
import { initramfs } from './initramfs';
import { install, installOnto } from './install';
import { kernel } from './kernel';
import { kernelCheck } from './kernel-check';
import { kernelMenuconfig } from './kernel-menuconfig';
import { lock } from './lock';
import { outdated } from './outdated';
import { pacstrap } from './pacstrap';
import { releases } from './releases';
import { rollback } from './rollback';
import { rootfs } from './rootfs';
import { setup } from './setup';
import { squash } from './squash';
import { update } from './update';
import { verify } from './verify';

const STEPS = {
  rootfs: stepTask(rootfs),
  pacstrap: stepTask(pacstrap),
  customize: stepTask(customize, host),
  kernel: stepTask(kernel),
  initramfs: stepTask(initramfs),
  images: { description: images.description, steps: imagesOf },
  squash: {
    description: 'Packs each layer that changed into a squashfs file',
    steps: (context) => Object.values(squash(context)),
  },
  install: { ...stepTask(install), flags: ['--onto', '--yes-erase'], after: installOnto },
} satisfies Record<string, StepTask>;

const COMMANDS = {
  verify,
  boot,
  setup,
  doctor,
  'kernel:check': kernelCheck,
  'kernel:menuconfig': kernelMenuconfig,
  lock,
  outdated,
  update,
  releases,
  rollback,
  clean,
  gc,
} satisfies Record<string, CommandTask>;

/** The tasks of this package. */
export const TASKS = { steps: STEPS, commands: COMMANDS };

/** The tasks by name. */
export type Tasks = Record<keyof typeof STEPS | keyof typeof COMMANDS, Task>;

/** What a gulpfile may state. */
export interface TaskOptions<S extends string = never> extends Dock0Options {
  /** Steps of the gulpfile's own, by the name of the task that makes them. */
  steps?: Record<S, StepTask>;
}

/**
 * Makes the set of tasks for gulp.series and gulp.parallel.
 *
 * @param options what the gulpfile states; the command line wins over it
 * @returns tasks by name; a task rejects with an error that gulp prints as one message
 */
export function dock0<S extends string = never>(options: TaskOptions<S> = {}): Tasks & Record<S, Task> {
  const { steps, ...rest } = options;
  return taskSet({ ...TASKS.steps, ...(steps as Record<S, StepTask>) }, TASKS.commands, rest);
}

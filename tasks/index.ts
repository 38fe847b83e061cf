import type { Dock0Options } from '../lib/session/session';
import { type CommandTask, type StepTask, stepTask, type Task, taskSet } from '../lib/session/task-set';
import { boot } from './boot';
import { clean } from './clean';
import { customize, host } from './customize';
import { doctor } from './doctor';
import { gc } from './gc';
import { initramfs } from './initramfs';
import { install } from './install';
import { kernel } from './kernel';
import { kernelCheck } from './kernel-check';
import { kernelMenuconfig } from './kernel-menuconfig';
import { lock } from './lock';
import { outdated } from './outdated';
import { pacstrap } from './pacstrap';
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
  squash: {
    description: 'Packs each layer that changed into a squashfs file',
    steps: (context) => Object.values(squash(context)),
  },
  install: stepTask(install),
} satisfies Record<string, StepTask>;

const COMMANDS = {
  verify: {
    description: 'Boots the release in a virtual machine and checks that it runs containers',
    flags: ['--release', '--memory'],
    run: verify,
  },
  boot: {
    description: 'Boots the release in a virtual machine, with its console on this terminal',
    flags: ['--release', '--memory', '--ssh'],
    run: boot,
  },
  setup: {
    description: 'Installs the host tools that the configuration needs',
    flags: ['--yes', '--dry-run'],
    run: setup,
  },
  doctor: {
    description: 'Shows the host tools: version, needed by, how to install them',
    flags: [],
    run: doctor,
  },
  'kernel:check': {
    description: 'Shows what a kernel has and lacks of what Docker needs',
    flags: ['--kconfig'],
    run: kernelCheck,
  },
  'kernel:menuconfig': {
    description: "Edits the kernel's configuration and saves the changes as a fragment",
    flags: ['--kconfig'],
    run: kernelMenuconfig,
  },
  lock: {
    description: 'Writes the version of every package into the lock file',
    flags: ['--dry-run'],
    run: lock,
  },
  outdated: { description: 'Shows newer versions of locked packages', flags: [], run: outdated },
  update: {
    description: 'Fetches the package lists again, and moves locked packages to the newest versions',
    flags: ['--package', '--dry-run'],
    run: update,
  },
  clean: { description: 'Removes the build folder of this configuration', flags: ['--dry-run'], run: clean },
  gc: { description: 'Frees what no kept release uses from the cache', flags: ['--dry-run'], run: gc },
} as const satisfies Record<string, CommandTask>;

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
  return taskSet({ ...STEPS, ...(steps as Record<S, StepTask>) }, COMMANDS, rest);
}

export type { BuildStep } from '../lib/build';
export { distributions } from '../lib/distributions';
export type { Distribution } from '../lib/distributions/provider';
export type { Dock0Options } from '../lib/session/session';
export { type StepTask, stepTask, type Task } from '../lib/session/task-set';
export { checksums } from '../lib/streams/checksums';
export { cpio } from '../lib/streams/cpio';
export { render } from '../lib/streams/render';
export { squashfs } from '../lib/streams/squashfs';

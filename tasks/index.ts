import type { BuildStep } from '../lib/build';
import { flagDescriptions } from '../lib/config/flags';
import type { Build } from '../lib/session/session';
import { createSessionRunner, type Dock0Options, type Session } from '../lib/session/session';

/** A gulp task: what gulp.series and gulp.parallel take, with what `gulp --tasks` shows. */
export interface Task {
  (): Promise<void>;
  displayName: string;
  description: string;
  flags?: Record<string, string>;
}

const STEPS = {
  rootfs: ['Prepares the root that the layers are made in', async () => [(await import('./rootfs')).rootfs]],
  pacstrap: ['Installs the packages into the root', async () => [(await import('./pacstrap')).pacstrap]],
  customize: [
    'Applies overlay, templates, scripts, commands and settings',
    async () => [(await import('./customize')).customize, (await import('./host')).host],
  ],
  kernel: ['Makes the kernel and its modules', async () => [(await import('./kernel')).kernel]],
  initramfs: [
    'Writes the initramfs that finds and mounts the layers',
    async () => [(await import('./initramfs')).initramfs],
  ],
  squash: [
    'Packs the layers into squashfs files',
    async (build: Build) => Object.values((await import('./squash')).squash(build.context)),
  ],
  install: [
    'Puts the release together and makes it the current one',
    async () => [(await import('./install')).install],
  ],
} as const satisfies Record<string, readonly [string, (build: Build) => Promise<BuildStep[]>]>;

const OTHERS = {
  verify: [
    'Boots the release in a virtual machine and checks that it runs containers',
    async () => (await import('./verify')).verify,
  ],
  boot: [
    'Boots the release in a virtual machine, with its console on this terminal',
    async () => (await import('./boot')).boot,
  ],
  setup: [
    'Installs the host tools that the configuration needs',
    async () => (await import('./setup')).setup,
  ],
  doctor: [
    'Shows the host tools: version, needed by, how to get them',
    async () => (await import('./doctor')).doctor,
  ],
  'kernel:check': [
    'Shows what a kernel has and lacks of what Docker needs',
    async () => (await import('./kernel-check')).kernelCheck,
  ],
  'kernel:menuconfig': [
    "Edits the kernel's configuration and keeps the difference as a fragment",
    async () => (await import('./kernel-menuconfig')).kernelMenuconfig,
  ],
  lock: ['Writes the version of every package into the lock file', async () => (await import('./lock')).lock],
  outdated: ['Shows newer versions of locked packages', async () => (await import('./outdated')).outdated],
  update: [
    'Fetches the package lists anew, and moves what is locked to the newest versions',
    async () => (await import('./update')).update,
  ],
  clean: ['Removes the build folder of this configuration', async () => (await import('./clean')).clean],
  gc: ['Frees what no kept release uses from the cache', async () => (await import('./gc')).gc],
} as const satisfies Record<string, readonly [string, () => Promise<(session: Session) => Promise<void>>]>;

/** The tasks by name. */
export type Tasks = Record<keyof typeof STEPS | keyof typeof OTHERS, Task>;

/**
 * Makes the set of tasks. Each can be run alone, since it runs what it stands on, and composed with others by
 * gulp.series and gulp.parallel; within one run a step is made once, however many tasks ask for it.
 *
 * @param options what the gulpfile states; the command line wins over it
 * @returns tasks by name; a task rejects with an error that gulp prints as one message
 */
export function dock0(options: Dock0Options = {}): Tasks {
  const runner = createSessionRunner(options);
  const steps = Object.entries(STEPS).map(([name, [description, load]]) => {
    const work = async (session: Session): Promise<void> => {
      const made = new Map<Build, BuildStep[]>();
      for (const build of session.builds) made.set(build, [...(await load(build))]);
      await runner.make(session, (build) => made.get(build) ?? []);
    };
    return [name, task(name, description, () => runner.perform(work))];
  });
  const others = Object.entries(OTHERS).map(([name, [description, load]]) => [
    name,
    task(name, description, () => runner.perform(async (session) => (await load())(session))),
  ]);
  return Object.fromEntries([...steps, ...others]);
}

type FlagName = keyof typeof flagDescriptions;

const BUILD_FLAGS: FlagName[] = [
  '--config',
  '--host',
  '--set',
  '--output',
  '--cache',
  '--force',
  '--explain',
  '--dry-run',
  '--verbose',
];
const OWN_FLAGS: Record<string, FlagName[]> = {
  install: BUILD_FLAGS,
  verify: ['--release', '--memory'],
  boot: ['--release', '--memory', '--ssh'],
  setup: ['--yes', '--dry-run'],
  'kernel:check': ['--kconfig'],
  'kernel:menuconfig': ['--kconfig'],
  lock: ['--dry-run'],
  update: ['--package', '--dry-run'],
  clean: ['--dry-run'],
  gc: ['--dry-run'],
};

function task(displayName: string, description: string, run: () => Promise<void>): Task {
  const flags = (OWN_FLAGS[displayName] ?? []).map((name) => [name, flagDescriptions[name].description]);
  return Object.assign(run, {
    displayName,
    description,
    ...(flags.length > 0 ? { flags: Object.fromEntries(flags) } : {}),
  });
}

export { distributions } from '../lib/distributions';
export type { Distribution } from '../lib/distributions/provider';
export type { Dock0Options } from '../lib/session/session';
export { checksums } from '../lib/streams/checksums';
export { cpio } from '../lib/streams/cpio';
export { render } from '../lib/streams/render';
export { squashfs } from '../lib/streams/squashfs';

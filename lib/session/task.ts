import type { BuildContext, BuildStep, Configured } from '../build';
import type { FlagName, Flags } from '../config/flags';
import type { Config } from '../config/schema';
import type { Build as EngineBuild } from '../engine/build';
import type { Engine } from '../engine/engine';
import type { Tool } from '../engine/step';

/** What a gulpfile may state instead of, or besides, the command line. */
export interface Dock0Options {
  /** A configuration file, or several, stacked left to right; `--config` replaces them. */
  config?: string | string[];
  /** Hosts to build for; `--host` replaces them. */
  hosts?: string | string[];
  /** `key.path=value`, below those of `--set`. */
  set?: string | string[];
  /** Folder of the output; default `build`. */
  output?: string;
  /** Folder of the cache; default `.cache`, or what the environment's DOCK0_CACHE says. */
  cache?: string;
  /** The words after the task names; default: the process's own when gulp runs it. */
  argv?: string | string[];
}

/** One configuration's build: the shared one, or a host's. */
export type Build = EngineBuild<Configured>;

/** One run of the tool, shared by all its tasks. */
export interface Session {
  flags: Flags;
  engine: Engine<Configured>;
  base: Config;
  builds: Build[];
  cache: string;
  outputRoot: string;
  tasks: TaskSet;
  /** Hides secrets in a line. */
  mask: (line: string) => string;
  log: (line: string) => void;
}

/** A task that makes steps, and first all they depend on. */
export interface StepTask {
  description: string;
  flags?: readonly FlagName[];
  steps: (context: BuildContext) => readonly BuildStep[];
  /** What else the command line asks of the task, once the steps are made; not with `--dry-run`. */
  after?: (session: Session) => Promise<void>;
}

/** A task that does something else. */
export interface CommandTask {
  description: string;
  flags?: readonly FlagName[];
  /** What it calls besides what its steps do. */
  tools?: (config: Config) => readonly Tool[] | Promise<readonly Tool[]>;
  /** It takes away what other tasks use: it waits for those that run, and they for it. */
  alone?: boolean;
  /** It only shows what there is, also with `--dry-run`; what does more and does not read that flag is left out then. */
  looks?: boolean;
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

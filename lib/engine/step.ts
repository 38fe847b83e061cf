import type { Stats } from 'node:fs';
import type { Json } from '../json';
import type { LineSink, RunOptions, RunResult } from '../system/process';
import type { Damage, KnownFile } from './content';

/** Files a step reads: what it is called in the fingerprint, and where it is now. A folder stands for its tree. */
export interface FileInput {
  /** What it is used for, where a step uses several in different ways: `overlay`, `template`. */
  role?: string;
  /** The name shown in `--explain`, without a path of this machine: `overlay`, `scripts/10-users`. */
  name: string;
  /** The absolute path of a file or folder; one that does not exist is an error. */
  path: string;
  /** Links in it are followed when it is used: what they lead to counts too. */
  follow?: boolean;
  /** What of a folder does not count, by its path there, with all that is below it. */
  except?: (path: string, stat: Stats) => boolean;
  /** What is made of it has a mode of its own: the mode of the file, or of those in the folder, does not count. */
  modeless?: boolean;
  /** Extended attributes of files in it count (xattr(7)): capabilities, and those of users. */
  attributes?: boolean;
  /**
   * The folder has tens of thousands of files: the fingerprint holds a hash for each folder of it instead of each file.
   */
  large?: boolean;
}

/**
 * Everything of a step's own that can change what it makes. `run` gets this and nothing else of the configuration, so
 * what it makes cannot depend on what the fingerprint lacks.
 */
export interface StepInputs<V extends Values = Values, M = unknown> {
  /** The step's slice of the configuration and whatever else it depends on, key by key; plain data. */
  values?: V;
  /** In the order in which they are used, which counts. */
  files?: FileInput[];
  /**
   * With what and from where the step does its work: the mirror that has the packages whose checksums are in `values`.
   * No part of the fingerprint, so it must not decide about what is made.
   */
  means?: M;
  /** What was decided on the way, in words, a line each; `--explain` shows it. */
  notes?: string[];
}

/** Values of a fingerprint, by key. */
export type Values = { [key: string]: unknown };

/** Something of this machine that a step or a task calls. */
export interface Tool {
  /** The command; for what is not a command, what it is called. */
  name: string;
  /** The version decides about the bytes that the step makes: it is part of the fingerprint. */
  versioned?: boolean;
  /** A library that it is linked with and that decides about them, too, without suffix: `libzstd`. */
  library?: string;
  /** For what is not a command: files, of which one has to exist. */
  files?: readonly string[];
  /** Without it the work is done too, slower. */
  optional?: boolean;
  /** Its package by distribution of the build host, where a distribution does not list the tool. */
  packages?: Readonly<Record<string, string>>;
}

/** What the engine tells a step when it is planned; a build adds what its steps know of the configuration. */
export interface PlanContext {
  /** The name of the build. */
  name: string;
  /** The host's name; undefined without `--host`. */
  host: string | undefined;
  /** Folder of the cache, absolute. */
  cache: string;
  /** Folder of this build's output (`build/<name>`), absolute. */
  output: string;
  signal: AbortSignal;
  /** Says something below the step's name: one line, shown always. */
  log: (line: string) => void;
}

/** A finished step, as those that depend on it see it. */
export interface Artifact {
  /** The step's name: `pacstrap`, `squash:packages`. */
  step: string;
  fingerprint: string;
  /** The folder that holds what the step left. */
  path: string;
  /** What `run` returned. */
  meta: Meta;
  /** The SHA-256 of one of its regular files, known without reading it; in hex. */
  hash: (path: string) => string | undefined;
  /** The same with the stat that the file had when that was last known to be true. */
  known: (path: string) => KnownFile | undefined;
  /** Says what is known of files that got or lost a second name (link(2)), by path; see `KnownFiles`. */
  relinked: (files: Readonly<Record<string, KnownFile>>) => void;
  /** What is wrong with its files by now. */
  damages: () => Promise<Damage[]>;
}

/** Facts about an artifact that later steps need (a kernel's version, the packages' list). */
export type Meta = { [key: string]: Json | undefined };

/**
 * Tells the facts of what a step needs while its inputs are read, for what depends on them and cannot wait until it runs:
 * where something is made, the need is made first. Undefined where nothing is to be made, and it is not there.
 */
export type Facts<N extends string = string> = (need: N) => Promise<Meta | undefined>;

/** What a step has at hand while it runs. */
interface Running<N extends string, I extends StepInputs> {
  /** What `inputs` said when the step was planned: the very values and files of the fingerprint, and the means. */
  values: NonNullable<I['values']>;
  files: readonly FileInput[];
  means: NonNullable<I['means']>;
  /** What the step needs, by the names it gave in `needs`. */
  needs: Record<N, Artifact>;
  /** An empty folder of this run alone: what is in it at the end is the artifact. */
  out: string;
  /** An empty folder for what is thrown away afterwards; on the same file system as `out`. */
  tmp: string;
  /** Runs a command: output goes to the step's log, an abort ends it. */
  run: (command: string, args: readonly string[], options?: RunOptions) => Promise<RunResult>;
  /** Writes a line to the step's log only. */
  line: LineSink;
  /** How far the step is: `done` of `total` (any unit), and what it is at. */
  progress: (done: number, total: number, what?: string) => void;
}

/** What a step has at hand while it runs: nothing of the configuration but its inputs. */
// biome-ignore lint/suspicious/noExplicitAny: steps of all kinds of inputs are one kind of step
export type RunContext<N extends string = string, I extends StepInputs = any> = PlanContext & Running<N, I>;

/**
 * One unit of the build. The engine fingerprints it, looks it up, runs it and keeps what it leaves. `N` are the names of
 * its needs, `C` is what the build's steps know when they are planned, `I` are its inputs.
 */
// biome-ignore lint/suspicious/noExplicitAny: steps of all kinds of inputs are one kind of step
export interface Step<N extends string = string, C = unknown, I extends StepInputs = any> {
  name: string;
  /** One line for `gulp --tasks` and the step's heading. */
  description: string;
  /** Raised whenever the step's code makes something else of the same inputs. */
  version: number;
  /** What only root can do here, when the step needs root: "makes device nodes and mounts". */
  root?: string;
  /** The steps that this one depends on, under the names that `run` has for them. */
  needs?: (context: PlanContext & C) => Record<N, Step<string, C>>;
  /**
   * Needs that are compared with what was stored only once in a while, not before and after each run: what it makes holds
   * few or none of their bytes, and comparing them would take longer than the step itself.
   */
  trusts?: readonly NoInfer<N>[];
  /** What it calls; `gulp setup` installs it. */
  tools?: (context: PlanContext & C) => readonly Tool[] | Promise<readonly Tool[]>;
  inputs?: (context: PlanContext & C, facts: Facts<NoInfer<N>>) => I | Promise<I>;
  /**
   * Makes the artifact in `context.out`.
   *
   * @throws Dock0Error what is wrong and what to do, in a line; the engine keeps nothing of a failed run
   */
  run: (context: RunContext<N, I>) => Promise<Meta | undefined>;
  /** Whether a stored artifact still stands for what is outside of the store (a release folder); default: it does. */
  current?: (artifact: Artifact, context: PlanContext & C) => Promise<boolean>;
}

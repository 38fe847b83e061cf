import type { Own } from './config/own';
import type { Config } from './config/schema';
import type { View } from './config/shown';
import type { PlanContext, RunContext, Step } from './engine/step';
import type { Json } from './json';

/** What the steps of a build know of the configuration. */
export interface Configured {
  /** The merged, validated configuration, with the host's on top. */
  config: Config;
  /** The same without the host's file: what all hosts share. */
  base: Config;
  /** What the host's own file states; empty without a host. */
  own: Own;
  /** The configuration as it may be shown and kept: without secrets and without paths of this machine. */
  shown: Json;
  /** What of configurations may be seen by what reads any key, and kept in records. */
  view: View;
}

/** What a step of a build knows when it is planned. */
export type BuildContext = PlanContext & Configured;

/** What a step of a build has at hand while it runs. */
export type BuildRun<N extends string = string> = RunContext<N, Configured>;

/** One step of a build. */
export type BuildStep<N extends string = string> = Step<N, Configured>;

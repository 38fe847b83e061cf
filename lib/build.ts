import type { Own } from './config/own';
import type { Config } from './config/schema';
import type { View } from './config/shown';
import type { PlanContext, RunContext, Step, StepInputs } from './engine/step';
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
  /** The place of a key of `config`, as messages have it: `dock0.yaml:3:12: packages.0`. */
  placeOf: (keys: readonly string[]) => string;
  /** The same for `base`. */
  basePlaceOf: (keys: readonly string[]) => string;
  /** Hides secrets in a text that is kept or shown. */
  mask: (text: string) => string;
  /** Says once what can be built, but is hardly what was meant. */
  warn: (line: string) => void;
}

/** What a step of a build knows when it is planned. */
export type BuildContext = PlanContext & Configured;

/** What a step of a build has at hand while it runs: its inputs, and nothing else of the configuration. */
// biome-ignore lint/suspicious/noExplicitAny: steps of all kinds of inputs are one kind of step
export type BuildRun<N extends string = string, I extends StepInputs = any> = RunContext<N, I>;

/** One step of a build. */
// biome-ignore lint/suspicious/noExplicitAny: steps of all kinds of inputs are one kind of step
export type BuildStep<N extends string = string, I extends StepInputs = any> = Step<N, Configured, I>;

/** The inputs that a function gives. */
// biome-ignore lint/suspicious/noExplicitAny: whatever it takes
export type InputsOf<F extends (...args: any[]) => unknown> =
  Awaited<ReturnType<F>> extends infer I ? (I extends StepInputs ? I : never) : never;

/** A step whose `run` takes just what its `inputs` give: the compiler sees to it. */
export function defineStep<N extends string = string, I extends StepInputs = StepInputs>(
  step: BuildStep<N, I>,
): BuildStep<N> {
  return step;
}

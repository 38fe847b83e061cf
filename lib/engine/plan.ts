import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Dock0Error, messageOf } from '../error';
import type { Json } from '../json';
import { writeAtomically } from '../system/atomic-write';
import { readKeptJson } from '../system/kept-json';
import { checkedFile } from './check-step';
import { differences } from './difference';
import { type FingerprintRecord, fingerprintOf, isRecord, RECORD_FORMAT } from './fingerprint';
import type { HashIndex } from './hash-index';
import { digestOf } from './inputs';
import type { Facts, PlanContext, Step, StepInputs, Values } from './step';
import { fileName } from './store/local';
import type { ToolVersions } from './tool-versions';

/** A step with its fingerprint: what would be made, without making anything. */
export interface Planned<C = unknown> {
  step: Step<string, C>;
  /** What the step's `inputs` said: what the fingerprint is of, and what `run` gets. */
  inputs: StepInputs;
  record: FingerprintRecord;
  fingerprint: string;
  needs: Record<string, Planned<C>>;
  /** The step's artifact is to be made even when the store has it. */
  forced: boolean;
}

/**
 * Computes a step's fingerprint from its inputs and from the steps it depends on.
 *
 * @throws Dock0Error when an input is missing or a tool is not installed
 */
export async function planStep<C>(
  step: Step<string, C>,
  needs: Record<string, Planned<C>>,
  context: PlanContext & C,
  facts: Facts,
  tools: {
    index: HashIndex;
    versions: ToolVersions;
    forced: (step: string) => boolean;
    record: (values: unknown) => Json;
  },
): Promise<Planned<C>> {
  const inputs = await inputsOf(step, context, facts);
  const called = (await step.tools?.(context)) ?? [];
  const record: FingerprintRecord = {
    format: RECORD_FORMAT,
    step: step.name,
    version: step.version,
    ...recordOf(step, inputs, tools),
    tools: {},
    needs: Object.fromEntries(
      Object.values(needs).map((planned) => [planned.step.name, planned.fingerprint]),
    ),
  };
  for (const { name, versioned, library } of called)
    if (versioned) record.tools[name] = await tools.versions.version(name, library);
  const forced = tools.forced(step.name) || Object.values(needs).some((need) => need.forced);
  return { step, inputs, record, fingerprint: fingerprintOf(record), needs, forced };
}

/** What a step's inputs are now. */
export async function inputsOf<C>(
  step: Step<string, C>,
  context: PlanContext & C,
  facts: Facts,
): Promise<StepInputs> {
  return (await step.inputs?.(context, facts)) ?? {};
}

/**
 * Inputs as records have them: values as they are kept, and the digests of the files as they are now.
 *
 * @param by the index of hashes, and how values are kept
 */
export function recordOf(
  { name }: Pick<Step, 'name'>,
  { values = {}, files = [] }: StepInputs,
  by: { index: HashIndex; record: (values: unknown) => Json },
): Pick<FingerprintRecord, 'values' | 'files'> {
  return {
    values: recorded(name, values, by.record),
    files: files
      .map((file) => checkedFile(name, file))
      .map((file) => ({
        role: file.role ?? '',
        name: file.name,
        digest: digestOf(file, by.index),
      })),
  };
}

function recorded(
  step: string,
  values: Values,
  record: (values: unknown) => Json,
): FingerprintRecord['values'] {
  return Object.fromEntries(
    Object.entries(values).flatMap(([key, value]) => {
      if (value === undefined) return [];
      try {
        return [[key, record(value)]];
      } catch (error) {
        throw new Dock0Error(`${step}: values.${key}: ${messageOf(error)}`, { cause: error });
      }
    }),
  );
}

/** The record of what a step last stood for in a build's output; what `--explain` compares with. */
export interface History {
  last: (step: string) => FingerprintRecord | undefined;
  remember: (record: FingerprintRecord) => void;
}

/** The history kept in a folder. */
export function openHistory(folder: string): History {
  const file = (step: string): string => join(folder, `${fileName(step)}.json`);
  const last = (step: string): FingerprintRecord | undefined => readKeptJson(file(step), isRecord);
  return {
    last,
    remember: (record) => {
      const text = JSON.stringify(record);
      if (existsSync(file(record.step)) && readFileSync(file(record.step), 'utf8') === text) return;
      writeAtomically(file(record.step), text);
    },
  };
}

/** Why a step has to run, when the store has no artifact of it: one line a cause. */
export function reasonsToRun<C>(
  planned: Planned<C>,
  history: History,
  forcedByUser: (step: string) => boolean,
): string[] {
  if (forcedByUser(planned.step.name)) return ['forced'];
  const last = history.last(planned.step.name);
  if (last === undefined) return ['first build'];
  const changes = differences(last, planned.record);
  if (changes.length > 0) return changes;
  if (planned.forced) {
    const forced = Object.values(planned.needs).filter((need) => need.forced);
    return [`${forced.map((need) => need.step.name).join(', ')} was forced`];
  }
  return ['its artifact is not in the cache any more'];
}

import { createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Dock0Error, messageOf } from '../error';
import type { Json } from '../json';
import { diskFullError } from '../system/disk-full';
import { guard } from '../system/guard';
import { makeFolder } from '../system/make-folder';
import { CommandError, run } from '../system/process';
import type { Emit } from './events';
import { canonicalJson } from './fingerprint';
import type { HashIndex } from './hash-index';
import { inputsOf, type Planned, recordOf } from './plan';
import type { Artifact, PlanContext, RunContext } from './step';
import { fileName } from './store/local';
import type { Entry, Store } from './store/store';

/** What running a step takes besides the step. */
export interface Surroundings<C> {
  context: PlanContext & C;
  needs: Record<string, Artifact>;
  store: Store;
  index: HashIndex;
  emit: Emit;
  record: (values: unknown) => Json;
  mask: (line: string) => string;
}

/**
 * Runs a step in a folder of its own and moves what it leaves into the store. The lock of the fingerprint is held
 * meanwhile; whoever waited for it and finds the artifact made takes that one.
 *
 * @param replaced an entry of the store that is not to be used: damaged, or for something outside that has changed
 * @returns the new entry; undefined when somebody else made it in the meantime
 * @throws Dock0Error what the step threw, under the step's name; nothing is kept of a failed run
 */
export async function runStep<C>(
  planned: Planned<C>,
  reasons: string[],
  replaced: Entry | undefined,
  at: Surroundings<C>,
): Promise<Entry | undefined> {
  const { step, fingerprint } = planned;
  const { context, store, emit } = at;
  const about = { step: step.name, host: context.host };
  const folder = join(context.cache, 'tmp', fingerprint.slice(0, 32));
  const held = await guard(join(context.cache, 'locks', `${fingerprint.slice(0, 32)}.lock`), {
    remove: [folder],
    signal: context.signal,
    onWait: () => emit({ type: 'wait', ...about }),
  });
  try {
    const before = store.find(step.name, fingerprint);
    if (!planned.forced && before !== undefined && before.made !== replaced?.made) return undefined;
    emit({ type: 'start', ...about, description: step.description, reasons });
    const started = performance.now();
    const meta = await inFolder(folder, planned, at);
    await needsStayed(step, at.needs);
    await inputsStayed(planned, at);
    const took = performance.now() - started;
    const entry = await store.commit(join(folder, 'out'), {
      record: planned.record,
      fingerprint,
      meta,
      took,
    });
    const same = before === undefined ? undefined : before.digest === entry.digest;
    emit({
      type: 'done',
      ...about,
      fingerprint,
      took: performance.now() - started,
      bytes: entry.bytes,
      same,
    });
    return entry;
  } catch (error) {
    if (context.signal.aborted) throw context.signal.reason;
    emit({ type: 'failed', ...about });
    throw explained(error, planned, context);
  } finally {
    await held.release();
  }
}

async function inFolder<C>(
  folder: string,
  planned: Planned<C>,
  at: Surroundings<C>,
): Promise<Artifact['meta']> {
  const { context, emit } = at;
  const about = { step: planned.step.name, host: context.host };
  await rm(folder, { recursive: true, force: true });
  await mkdir(join(folder, 'out'), { recursive: true });
  await mkdir(join(folder, 'tmp'));
  const log = openLog(logFile(planned, context), at.mask);
  const line = (text: string): void => {
    log.write(text);
    emit({ type: 'output', ...about, line: text });
  };
  const { name, host, cache, output, signal } = context;
  const { values = {}, files = [], means = {} } = planned.inputs;
  const tmp = join(folder, 'tmp');
  const running: RunContext = {
    ...{ name, host, cache, output, signal, values, files, means },
    needs: at.needs,
    out: join(folder, 'out'),
    tmp,
    line,
    log: (text) => {
      log.write(text);
      emit({ type: 'log', ...about, line: text });
    },
    progress: (done, total, what) => emit({ type: 'progress', ...about, done, total, what }),
    run: (command, args, options = {}) => {
      log.write(`$ ${[command, ...args].join(' ')}`);
      const onLine: NonNullable<typeof options.onLine> = (text, stream) => {
        line(text);
        options.onLine?.(text, stream);
      };
      return run(command, args, { tmp, ...options, onLine, signal: context.signal });
    },
  };
  try {
    const meta = await planned.step.run(running);
    context.signal.throwIfAborted();
    return meta ?? {};
  } catch (error) {
    log.write(messageOf(error));
    throw error;
  } finally {
    await log.close();
  }
}

/** What a step made of an artifact that somebody damaged meanwhile is not to be kept. */
async function needsStayed(
  { trusts = [] }: { trusts?: readonly string[] },
  needs: Record<string, Artifact>,
): Promise<void> {
  for (const [name, { step, damages }] of Object.entries(needs)) {
    if (trusts.includes(name)) continue;
    const [damage] = await damages();
    if (damage === undefined) continue;
    throw new Dock0Error(`${step} was damaged in the cache meanwhile: ${damage.path} ${damage.problem}`, {
      hint: 'Nothing was kept. Build again: what is damaged is made again.',
    });
  }
}

async function inputsStayed<C>(planned: Planned<C>, at: Surroundings<C>): Promise<void> {
  const inputs = await inputsOf(planned.step, at.context, async (need) => at.needs[need]?.meta);
  const { values, files } = recordOf(planned.step, inputs, at);
  const { values: plannedValues, files: plannedFiles } = planned.record;
  if (
    JSON.stringify(values) === JSON.stringify(plannedValues) &&
    canonicalJson(files) === canonicalJson(plannedFiles)
  )
    return;
  throw new Dock0Error('an input changed while the step ran', { hint: 'Nothing was kept; build again.' });
}

function explained<C>(error: unknown, planned: Planned<C>, context: PlanContext): unknown {
  const step = planned.step.name;
  const full = diskFullError(error, context);
  if (full !== undefined) return new Dock0Error(`${step}: ${full.message}`, full);
  if (!(error instanceof Dock0Error)) return error;
  const ofCommand = error instanceof CommandError || error.cause instanceof CommandError;
  const hint = error.hint ?? (ofCommand ? `The whole output: ${logFile(planned, context)}` : undefined);
  return new Dock0Error(`${step}: ${error.message}`, { hint, cause: error });
}

function logFile<C>(planned: Planned<C>, context: PlanContext): string {
  return join(context.output, 'logs', `${fileName(planned.step.name)}.log`);
}

interface Log {
  write: (line: string) => void;
  close: () => Promise<void>;
}

function openLog(file: string, mask: (line: string) => string): Log {
  makeFolder(join(file, '..'));
  const stream = createWriteStream(file);
  // A log that can't be written (a full disk) must not hide the step's own error.
  stream.on('error', () => undefined);
  return {
    write: (line) => void stream.write(`${mask(line)}\n`),
    close: () => new Promise((resolve) => stream.end(() => resolve())),
  };
}

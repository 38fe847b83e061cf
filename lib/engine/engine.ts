import { join } from 'node:path';
import type { Json } from '../json';
import { type Guard, guard, tryGuard } from '../system/guard';
import { holdUmask } from '../system/umask';
import { type Build, openBuild } from './build';
import { openCache } from './cache';
import { type Emit, masked } from './events';
import { hashIndexOf } from './hash-index';
import { type Run, type Subject, startRun } from './run';
import type { PlanContext, Step } from './step';
import { openStore } from './store/local';
import type { Store } from './store/store';
import { openToolVersions } from './tool-versions';

export interface EngineOptions<C> {
  /** Folder of the cache, absolute. */
  cache: string;
  emit: Emit;
  /** Names of steps whose cache is not looked at: `squash`, or one part of it, `squash:packages`. */
  force?: string[];
  /** How a step's values are kept in records; default: as they are. Fingerprints are computed of what is kept. */
  record?: (values: unknown) => Json;
  /** Hides what must not be read in a log; default: nothing. */
  mask?: (line: string) => string;
  /** What to do with a step before it is planned; default: nothing. */
  wrap?: (step: Step<string, C>, context: PlanContext & C) => Step<string, C>;
}

/**
 * Builds (one for each host) that share a store, and do shared work once. What happens between two calls of `pause` or
 * `settled` is one run: a failure or `abort` ends it, and the next one starts fresh.
 */
export interface Engine<C = unknown> {
  store: Store;
  build: (subject: Subject & C) => Build<C>;
  /** Ends what runs, because of `reason`; nothing starts any more in this run. */
  abort: (reason: Error) => void;
  /** The signal of the present run. */
  signal: () => AbortSignal;
  /** Resolves when no step runs. */
  idle: () => Promise<void>;
  /** Ends the run: resolves when no step runs. The store's lock is kept for a run that follows at once. */
  pause: () => Promise<void>;
  /** Ends the run, and resolves when everything that held something has let go of it. */
  settled: () => Promise<void>;
  /** Says that nobody has changed a file since the last run: its plans stand, unless it made something, failed or settled. */
  follow: () => void;
}

/** Makes an engine. Nothing is read or started before a step is asked for. */
export function createEngine<C = unknown>(options: EngineOptions<C>): Engine<C> {
  const { cache, force = [], wrap = (step) => step, mask = (line) => line } = options;
  const { record = (values) => JSON.parse(JSON.stringify(values)) } = options;
  const emit: Emit = (event) => options.emit(masked(event, mask));
  const store = openStore(cache);
  const index = hashIndexOf(cache);
  const versions = openToolVersions(join(cache, 'tools.json'));
  const file = join(cache, 'store.lock');
  const forcedOnce = new Set<string>();
  const compared = new Map<string, number>();
  let run: Run = startRun();
  let last: Run | undefined;
  let lock: Promise<Guard> | undefined;

  let isOpen = false;
  /** What steps make has the modes that they state, whoever builds, and wherever. Only root makes more than plans. */
  const begin = (): void => {
    run.restoreUmask ??= holdUmask();
    if (isOpen || process.getuid?.() !== 0) return;
    openCache(cache);
    isOpen = true;
  };
  const enter = (): Promise<Guard> => {
    lock ??= guard(file, {
      shared: true,
      signal: run.abort.signal,
      onWait: () => say('waiting for `gulp gc` or `gulp clean` to finish'),
    });
    return lock;
  };
  const leave = async (): Promise<void> => {
    const held = lock;
    lock = undefined;
    await held?.then((guarding) => guarding.release()).catch(() => undefined);
  };
  const say = (line: string): void => emit({ type: 'log', step: '', host: undefined, line });

  /** Files of replaced entries are freed by the last one who leaves. */
  const sweep = async (): Promise<void> => {
    const alone = await tryGuard(file);
    if (alone === undefined) return;
    try {
      await store.sweep();
    } finally {
      await alone.release();
    }
  };

  const close = async (ended: Run): Promise<void> => {
    await idle(ended);
    ended.restoreUmask?.();
    if (ended.replaced || ended.abort.signal.aborted) await leave();
    if (ended.replaced) await sweep();
    index.save();
    versions.save();
    last = ended;
    run = startRun();
  };

  /** Whoever asks first closes the run; others wait for the same. */
  const pause = (): Promise<void> => {
    run.closed ??= close(run);
    return run.closed;
  };

  return {
    store,
    build: (subject) =>
      openBuild(subject, {
        cache,
        store,
        index,
        versions,
        emit,
        force,
        wrap,
        record,
        mask,
        forcedOnce,
        compared,
        begin,
        enter,
        run: () => run,
      }),
    signal: () => run.abort.signal,
    abort: (reason) => run.abort.abort(reason),
    idle: () => idle(run),
    pause,
    settled: async () => {
      await pause();
      last = undefined;
      await leave();
    },
    follow: () => {
      if (last !== undefined && !last.hasMade && !last.abort.signal.aborted) run.plans = last.plans;
    },
  };
}

async function idle({ running }: Run): Promise<void> {
  while (running.size > 0) await Promise.allSettled([...running]);
}

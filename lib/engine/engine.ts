import { join } from 'node:path';
import { Dock0Error } from '../error';
import { type Guard, guard } from '../system/guard';
import type { Emit } from './events';
import { hashIndexOf } from './hash-index';
import { openHistory, type Planned, planStep, reasonsToRun } from './plan';
import { runStep } from './run-step';
import type { Artifact, PlanContext, Step } from './step';
import { type Entry, openStore, type Store } from './store';
import { openToolVersions } from './tool-versions';

export interface EngineOptions<C> {
  /** Folder of the cache, absolute. */
  cache: string;
  emit: Emit;
  /** Names of steps whose cache is not looked at: `squash`, or one part of it, `squash:packages`. */
  force?: string[];
  /** What to do with a step before it is planned; default: nothing. */
  wrap?: (step: Step<string, C>, context: PlanContext & C) => Step<string, C>;
}

/** One run of the tool: builds (one for each host) that share the store, and do shared work once. */
export interface Engine<C = unknown> {
  store: Store;
  build: (subject: Subject & C) => Build<C>;
  signal: AbortSignal;
  /** Ends what runs, because of `reason`. */
  abort: (reason: Error) => void;
  /** Resolves when nothing runs any more and everything that held something has let go of it. */
  settled: () => Promise<void>;
}

/** What a build is of, besides what the engine knows by itself. */
export type Subject = Omit<PlanContext, 'log' | 'signal' | 'cache'>;

/** The steps of one configuration. */
export interface Build<C = unknown> {
  context: PlanContext & C;
  plan: (step: Step<string, C>) => Promise<Planned<C>>;
  /** The step's artifact: from the store, or made now together with all it stands on. */
  make: (step: Step<string, C>) => Promise<Artifact>;
  /** Says for the step and all it stands on whether it would run, and why; makes nothing. */
  preview: (step: Step<string, C>) => Promise<void>;
}

// An artifact of no more paths than this is compared with its stat at every use, even if only to say "cached".
const FEW_PATHS = 500;

/** Makes the engine of this run. Nothing is read or started before a step is asked for. */
export function createEngine<C = unknown>(options: EngineOptions<C>): Engine<C> {
  const { cache, emit, force = [], wrap = (step) => step } = options;
  const store = openStore(cache);
  const index = hashIndexOf(cache);
  const versions = openToolVersions(join(cache, 'tools.json'));
  const abort = new AbortController();
  const made = new Map<string, Promise<Entry>>();
  const checked = new Map<string, Promise<void>>();
  const running = new Set<Promise<unknown>>();
  let storeLock: Promise<Guard> | undefined;
  const forced = (step: string): boolean =>
    force.some((name) => step === name || step.startsWith(`${name}:`));

  /** Builds hold the store's lock together; `gulp gc` and `gulp clean` hold it alone. */
  const enterStore = (): Promise<Guard> => {
    storeLock ??= guard(join(cache, 'store.lock'), { shared: true, signal: abort.signal });
    return storeLock;
  };

  const openBuild = (subject: Subject & C): Build<C> => {
    const context: PlanContext & C = {
      ...subject,
      cache,
      signal: abort.signal,
      log: (line) => emit({ type: 'log', step: '', host: subject.host, line }),
    };
    const history = openHistory(join(cache, 'history', subject.name));
    const plans = new Map<string, Promise<Planned<C>>>();
    const said = new Set<string>();

    const plan = (step: Step<string, C>): Promise<Planned<C>> => {
      const known = plans.get(step.name) ?? planAnew(step);
      plans.set(step.name, known);
      return known;
    };
    const planAnew = async (bare: Step<string, C>): Promise<Planned<C>> => {
      const step = wrap(bare, context);
      const needs = Object.entries(step.needs?.(context) ?? {});
      const planned = await Promise.all(needs.map(async ([name, need]) => [name, await plan(need)] as const));
      const named: PlanContext & C = {
        ...context,
        log: (line: string) => emit({ type: 'log', step: step.name, host: context.host, line }),
      };
      return planStep(step, Object.fromEntries(planned), named, { index, versions, forced });
    };

    const make = (planned: Planned<C>): Promise<Entry> => {
      const known = made.get(planned.fingerprint);
      if (known !== undefined) return known;
      const making = makeAnew(planned);
      made.set(planned.fingerprint, making);
      running.add(making);
      making.then(
        () => running.delete(making),
        (error) => {
          running.delete(making);
          // The first failure ends the rest: nobody will use what they make.
          abort.abort(error);
        },
      );
      return making;
    };

    const makeAnew = async (planned: Planned<C>): Promise<Entry> => {
      abort.signal.throwIfAborted();
      const { step, fingerprint } = planned;
      const about = { step: step.name, host: context.host };
      const stored = planned.forced ? undefined : store.find(step.name, fingerprint);
      if (stored !== undefined && (await usable(stored, planned))) {
        emit({ type: 'cached', ...about, fingerprint, took: stored.took, bytes: stored.bytes });
        history.remember(planned.record);
        await store.touch(stored);
        return stored;
      }
      needRoot(step);
      await enterStore();
      const reasons =
        stored === undefined
          ? reasonsToRun(planned, history, forced)
          : ['what it left is damaged, gone or not the current one'];
      if (stored !== undefined) await store.remove(stored);
      const needs = await makeNeeds(planned);
      const at = { context, needs, store, index, emit };
      const entry = (await runStep(planned, reasons, at)) ?? store.find(step.name, fingerprint);
      if (entry === undefined) throw new Dock0Error(`${step.name}: its artifact vanished from the cache`);
      history.remember(planned.record);
      return entry;
    };

    const usable = async (entry: Entry, planned: Planned<C>): Promise<boolean> => {
      if (entry.paths <= FEW_PATHS && !(await intact(entry))) return false;
      return (await planned.step.current?.(store.artifact(entry), context)) ?? true;
    };

    const intact = async (entry: Entry): Promise<boolean> => {
      const damages = await store.check(entry);
      for (const damage of damages)
        emit({ type: 'damaged', step: entry.step, host: context.host, ...damage });
      if (damages.length > 0) await store.remove(entry);
      return damages.length === 0;
    };

    /** An artifact about to be used: compared with what was stored, and made again when damaged. */
    const check = (planned: Planned<C>, entry: Entry): Promise<void> => {
      const known = checked.get(planned.fingerprint);
      if (known !== undefined) return known;
      const checking = intact(entry).then(async (whole) => {
        if (whole) return;
        made.delete(planned.fingerprint);
        await make(planned);
      });
      checked.set(planned.fingerprint, checking);
      return checking;
    };

    const makeNeeds = async (planned: Planned<C>): Promise<Record<string, Artifact>> => {
      const artifacts = Object.entries(planned.needs).map(async ([name, need]) => {
        const entry = await make(need);
        await check(need, entry);
        return [name, store.artifact(await make(need))] as const;
      });
      return Object.fromEntries(await Promise.all(artifacts));
    };

    const preview = (planned: Planned<C>): void => {
      for (const need of Object.values(planned.needs)) preview(need);
      if (said.has(planned.step.name)) return;
      said.add(planned.step.name);
      const cached = !planned.forced && store.find(planned.step.name, planned.fingerprint) !== undefined;
      const reasons = cached ? [] : reasonsToRun(planned, history, forced);
      const state = cached ? 'cached' : 'would run';
      emit({ type: 'planned', step: planned.step.name, host: context.host, state, reasons });
    };

    return {
      context,
      plan,
      make: async (step) => store.artifact(await make(await plan(step))),
      preview: async (step) => preview(await plan(step)),
    };
  };

  return {
    store,
    build: openBuild,
    signal: abort.signal,
    abort: (reason) => abort.abort(reason),
    settled: async () => {
      while (running.size > 0) await Promise.allSettled([...running]);
      await storeLock?.then((held) => held.release()).catch(() => undefined);
      storeLock = undefined;
      index.save();
      versions.save();
    },
  };
}

function needRoot({ name, root }: { name: string; root?: string }): void {
  if (root === undefined || process.getuid?.() === 0) return;
  throw new Dock0Error(`${name} needs root: it ${root}`, {
    hint: 'Run it as root, for instance `sudo npx gulp …`.',
  });
}

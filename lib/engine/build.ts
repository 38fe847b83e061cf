import { join } from 'node:path';
import { Dock0Error } from '../error';
import type { Json } from '../json';
import type { Guard } from '../system/guard';
import { expectCommands } from '../system/process';
import { checkStep } from './check-step';
import type { Emit } from './events';
import type { HashIndex } from './hash-index';
import { openHistory, type Planned, planStep, reasonsToRun } from './plan';
import { type Prospect, prospects } from './preview';
import type { Run, Subject } from './run';
import { runStep } from './run-step';
import type { Artifact, Facts, Meta, PlanContext, Step } from './step';
import type { Entry, Store } from './store/store';
import type { ToolVersions } from './tool-versions';

/** The steps of one configuration. */
export interface Build<C = unknown> {
  context: PlanContext & C;
  plan: (step: Step<string, C>) => Promise<Planned<C>>;
  /** The step's artifact: from the store, or made now together with all it depends on. It stays until the run is over. */
  make: (step: Step<string, C>) => Promise<Artifact>;
  /** The same for who reads none of its files, which may be gone again by then. @returns the artifact's facts */
  ensure: (step: Step<string, C>) => Promise<Meta>;
  /** Says for the steps and all they depend on what would become of each, and why; makes nothing. */
  preview: (steps: readonly Step<string, C>[]) => Promise<void>;
}

/** What a build has of its engine. */
export interface Shared<C> {
  cache: string;
  store: Store;
  index: HashIndex;
  versions: ToolVersions;
  emit: Emit;
  force: readonly string[];
  wrap: (step: Step<string, C>, context: PlanContext & C) => Step<string, C>;
  record: (values: unknown) => Json;
  mask: (line: string) => string;
  /** Fingerprints of forced artifacts that were made: once is enough, however many runs a series of tasks has. */
  forcedOnce: Set<string>;
  /** When entries were last compared with what was stored and found whole, by `made`. */
  compared: Map<string, number>;
  /** Before anything of the run happens. */
  begin: () => void;
  /** Takes the store's lock for the rest of the run. */
  enter: () => Promise<Guard>;
  run: () => Run;
}

// An artifact of no more paths than this is compared with its stat at every use, even if only to say "cached".
const FEW_PATHS = 500;

/** Milliseconds: the tasks of one series ask for the same artifacts one after the other, each in a run of its own. */
const JUST_NOW = 10_000;

/** Opens the build of one configuration. */
export function openBuild<C>(subject: Subject & C, shared: Shared<C>): Build<C> {
  const { cache, store, index, versions, emit, wrap, record, mask, begin, enter, run } = shared;
  const { host } = subject;
  const history = openHistory(join(cache, 'history', subject.name));
  const forced = (step: string): boolean =>
    shared.force.some((name) => step === name || step.startsWith(`${name}:`));
  const contextFor = (step: string): PlanContext & C => ({
    ...subject,
    cache,
    signal: run().abort.signal,
    log: (line) => emit({ type: 'log', step, host, line }),
  });
  /** Plans belong to a run: files may change between two of them, unless one follows the other. */
  const plans = new WeakMap<object, Map<string, Promise<Planned<C>>>>();
  const said = new Map<string, Prospect>();

  /** @param making whether the steps are made afterwards: then facts are there for those that ask */
  const plan = (step: Step<string, C>, making: boolean, way: readonly string[] = []): Promise<Planned<C>> => {
    begin();
    checkStep(step, way);
    const ofRun = plans.get(run().plans) ?? new Map<string, Promise<Planned<C>>>();
    plans.set(run().plans, ofRun);
    const name = `${making ? 'make' : 'look at'} ${step.name}`;
    const known = ofRun.get(name) ?? planAnew(step, making, way);
    ofRun.set(name, known);
    return known;
  };

  const planAnew = async (
    bare: Step<string, C>,
    making: boolean,
    way: readonly string[],
  ): Promise<Planned<C>> => {
    const context = contextFor(bare.name);
    const step = wrap(bare, context);
    const needs = Object.entries(step.needs?.(context) ?? {});
    const plans = await Promise.all(needs.map(([, need]) => plan(need, making, [...way, bare.name])));
    const planned = Object.fromEntries(needs.map(([name], at) => [name, plans[at] as Planned<C>]));
    return planStep(step, planned, context, factsOf(planned, making), { index, versions, forced, record });
  };

  const factsOf =
    (planned: Record<string, Planned<C>>, making: boolean): Facts =>
    async (name) => {
      const need = planned[name];
      if (need === undefined) throw new Dock0Error(`${name} is none of the step's needs: it has no facts`);
      if (making) return (await make(need)).meta;
      return need.forced ? undefined : store.find(need.step.name, need.fingerprint)?.meta;
    };

  const make = (planned: Planned<C>): Promise<Entry> => {
    const { made, running, abort } = run();
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

  const makeAnew = async (asPlanned: Planned<C>): Promise<Entry> => {
    run().abort.signal.throwIfAborted();
    const { step, fingerprint } = asPlanned;
    const planned = { ...asPlanned, forced: asPlanned.forced && !shared.forcedOnce.has(fingerprint) };
    const look = (): Entry | undefined => (planned.forced ? undefined : store.find(step.name, fingerprint));
    const seen = look();
    // A run in which nothing is to be made needs no lock, and no process that holds it. What `gulp gc` removes at this
    // moment is looked at again.
    const whole = (entry: Entry): Promise<boolean> =>
      usable(entry, planned, () => undefined).catch(() => false);
    if (seen !== undefined && (await whole(seen))) return taken(seen, planned);
    needRoot(step);
    expectCommands();
    await enter();
    // `gulp gc` could remove it until now.
    const found = look();
    if (found !== undefined && (await usable(found, planned))) return taken(found, planned);
    return runAnew(planned, whyAnew(planned, found), found);
  };

  const taken = async (entry: Entry, { step, fingerprint, record }: Planned<C>): Promise<Entry> => {
    emit({ type: 'cached', step: step.name, host, fingerprint, took: entry.took, bytes: entry.bytes });
    history.remember(record);
    store.touch(entry);
    return entry;
  };

  /** @param found an entry that is of no use */
  const whyAnew = (planned: Planned<C>, found: Entry | undefined): string[] =>
    found === undefined
      ? reasonsToRun(planned, history, forced)
      : ['its output is damaged, missing or not current'];

  const runAnew = async (
    planned: Planned<C>,
    reasons: string[],
    replaced: Entry | undefined,
  ): Promise<Entry> => {
    const { step, fingerprint } = planned;
    run().hasMade = true;
    const needs = await makeNeeds(planned);
    const at = { context: contextFor(step.name), needs, store, index, emit, record, mask };
    const entry = (await runStep(planned, reasons, replaced, at)) ?? store.find(step.name, fingerprint);
    if (entry === undefined) throw new Dock0Error(`${step.name}: its artifact vanished from the cache`);
    if (planned.forced) shared.forcedOnce.add(fingerprint);
    run().replaced ||= replaced !== undefined || planned.forced;
    history.remember(planned.record);
    return entry;
  };

  const usable = async (entry: Entry, planned: Planned<C>, tell = emit): Promise<boolean> => {
    if (entry.paths <= FEW_PATHS && !(await intact(entry, tell))) return false;
    return (await planned.step.current?.(store.artifact(entry), contextFor(entry.step))) ?? true;
  };

  const intact = async (entry: Entry, tell = emit): Promise<boolean> => {
    const damages = await store.check(entry);
    for (const damage of damages) tell({ type: 'damaged', step: entry.step, host, ...damage });
    return damages.length === 0;
  };

  /** The artifact of a step, which nobody removes any more in this run: made again where it was removed before that. */
  const held = async (planned: Planned<C>): Promise<Entry> => {
    const { made } = run();
    const making = make(planned);
    const entry = await making;
    await enter();
    if (store.find(planned.step.name, planned.fingerprint)?.made === entry.made) return entry;
    if (made.get(planned.fingerprint) === making) made.delete(planned.fingerprint);
    return make(planned);
  };

  /** An artifact about to be used: compared with what was stored, and made again when damaged. */
  const check = (planned: Planned<C>, entry: Entry): Promise<void> => {
    const { checked, made } = run();
    const known = checked.get(planned.fingerprint);
    if (known !== undefined) return known;
    const checking = intact(entry).then(async (whole) => {
      if (whole) {
        shared.compared.set(entry.made, performance.now());
        return;
      }
      const again = runAnew(planned, ['its output is damaged'], entry);
      made.set(planned.fingerprint, again);
      await again;
    });
    checked.set(planned.fingerprint, checking);
    return checking;
  };

  const makeNeeds = async (planned: Planned<C>): Promise<Record<string, Artifact>> => {
    const { trusts = [] } = planned.step;
    const artifacts = Object.entries(planned.needs).map(async ([name, need]) => {
      const entry = await held(need);
      const compared = shared.compared.get(entry.made) ?? Number.NEGATIVE_INFINITY;
      if (!trusts.includes(name) || performance.now() - compared > JUST_NOW) await check(need, entry);
      return [name, store.artifact(await make(need))] as const;
    });
    return Object.fromEntries(await Promise.all(artifacts));
  };

  const preview = async (steps: readonly Step<string, C>[]): Promise<void> => {
    const wanted: Planned<C>[] = [];
    for (const step of steps) wanted.push(await plan(step, false));
    const at = (planned: Planned<C>): Entry | undefined =>
      planned.forced ? undefined : store.find(planned.step.name, planned.fingerprint);
    const looked = await prospects(wanted, {
      has: (planned) => at(planned) !== undefined,
      whole: async (planned) => intact(at(planned) as Entry),
      reasons: async (planned) => {
        const found = at(planned);
        return found !== undefined && (await usable(found, planned)) ? [] : whyAnew(planned, found);
      },
    });
    for (const { planned, prospect, reasons } of looked) {
      const { name } = planned.step;
      if (said.get(name) === prospect) continue;
      said.set(name, prospect);
      emit({
        type: 'planned',
        step: name,
        host,
        state: prospect,
        reasons,
        notes: planned.inputs.notes ?? [],
      });
    }
  };

  return {
    get context() {
      return contextFor('');
    },
    plan: (step) => plan(step, false),
    make: async (step) => store.artifact(await held(await plan(step, true))),
    ensure: async (step) => (await make(await plan(step, true))).meta,
    preview,
  };
}

function needRoot({ name, root }: { name: string; root?: string }): void {
  if (root === undefined || process.getuid?.() === 0) return;
  throw new Dock0Error(`${name} needs root: it ${root}`, {
    hint: 'Run it as root, for instance `sudo npx gulp …`.',
  });
}

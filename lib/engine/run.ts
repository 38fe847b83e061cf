import type { PlanContext } from './step';
import type { Entry } from './store/store';

/** What a build is of, besides what the engine knows by itself. */
export type Subject = Omit<PlanContext, 'log' | 'signal' | 'cache'>;

/** What the builds of an engine share in one run. */
export interface Run {
  readonly abort: AbortController;
  /** The entries made or found, by fingerprint. */
  readonly made: Map<string, Promise<Entry>>;
  /** The entries compared with what was stored, by fingerprint. */
  readonly checked: Map<string, Promise<void>>;
  readonly running: Set<Promise<unknown>>;
  /** Runs that have the same one have their plans in common. */
  plans: object;
  /** Something was made, or is being made. */
  hasMade: boolean;
  /** An entry was replaced: its files are to be freed. */
  replaced: boolean;
  /** Resolves when the run has ended and let go of everything; undefined before somebody asked for it. */
  closed: Promise<void> | undefined;
  /** Gives this process the umask that it had before the run. */
  restoreUmask: (() => void) | undefined;
}

/** A run in which nothing has happened yet. */
export function startRun(): Run {
  return {
    abort: new AbortController(),
    made: new Map(),
    checked: new Map(),
    running: new Set(),
    plans: {},
    hasMade: false,
    replaced: false,
    closed: undefined,
    restoreUmask: undefined,
  };
}

import type { Guard } from '../system/guard';
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
  /** Held together by builds; `gulp gc` and `gulp clean` hold it alone. */
  lock: Promise<Guard> | undefined;
  /** An entry was replaced: its files are to be freed. */
  replaced: boolean;
  /** The umask that this process had before the run. */
  umask: number | undefined;
}

/** A run in which nothing has happened yet. */
export function startRun(): Run {
  return {
    abort: new AbortController(),
    made: new Map(),
    checked: new Map(),
    running: new Set(),
    lock: undefined,
    replaced: false,
    umask: undefined,
  };
}

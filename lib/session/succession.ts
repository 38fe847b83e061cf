import type { EventEmitter } from 'node:events';
import type { TreeNode } from './flags';

/** What gulp says of a task; a series or parallel tasks without a name of their own are a branch. */
interface TaskEvent {
  uid: number;
  name: string;
  branch: boolean;
}

/**
 * Knows whether a task comes right after another one in a gulp series: then nobody has changed a file in between, as a task of
 * the gulpfile's own may, or the person whose change a watcher waits for.
 */
export interface Succession {
  /** Says that a task of this set has ended. */
  ended: (task: string) => void;
  /** Whether this task, which starts, is the next one, and gulp has seen nothing else. */
  follows: (task: string) => boolean;
  /** Says that no other task has started right after the last one. */
  rested: () => void;
}

/** What there is to know of gulp: it says `start`, `stop` and `error` of all tasks, and what a named one is composed of. */
export interface Gulp extends Pick<EventEmitter, 'on'> {
  tree: (options: { deep: true }) => { nodes: readonly unknown[] };
}

type Hearer = (what: string, event: TaskEvent) => void;

/** A program may have many sets of tasks, and an emitter warns of many listeners. */
const hearers = new WeakMap<Gulp, Hearer[]>();

function hear(gulp: Gulp, hearer: Hearer): void {
  const known = hearers.get(gulp);
  const all = known ?? [];
  all.push(hearer);
  if (known !== undefined) return;
  hearers.set(gulp, all);
  for (const what of ['start', 'stop', 'error'])
    gulp.on(what, (event: TaskEvent) => {
      for (const each of all) each(what, event);
    });
}

/** @param isOurs whether a task is of this set */
export function successionOf(gulp: Gulp, isOurs: (task: string) => boolean): Succession {
  let last: string | undefined;
  /** Since then. */
  let seen: string[] = [];
  /** A watcher starts the same tasks again, at once where a file changed meanwhile. */
  const before = new Set<string>();
  /** Other tasks that run, by number. */
  const others = new Map<number, string>();
  /** Those that ran at any time since the first of those that follow each other. */
  let strangers = new Set<string>();
  hear(gulp, (what, { uid, name, branch }) => {
    seen.push(`${branch ? 'branch' : what} ${name}`);
    if (branch || isOurs(name)) return;
    strangers.add(name);
    if (what === 'start') others.set(uid, name);
    else others.delete(uid);
  });
  const isComposed = (name: string): boolean => {
    const nodes = gulp.tree({ deep: true }).nodes as readonly TreeNode[];
    return nodes.some(({ label, nodes: parts }) => label === name && parts.length > 0);
  };
  const isNext = (task: string): boolean => {
    const earlier = seen.slice(0, -1);
    return (
      seen.at(-1) === `start ${task}` &&
      earlier.includes(`stop ${last}`) &&
      earlier.every((event) => event.startsWith('branch ') || event.startsWith('stop '))
    );
  };
  return {
    ended: (task) => {
      last = task;
      seen = [];
    },
    rested: () => {
      last = undefined;
      before.clear();
    },
    follows: (task) => {
      const follows = isNext(task) && !before.has(task) && [...strangers].every(isComposed);
      if (!follows) strangers = new Set(others.values());
      before.add(task);
      return follows;
    },
  };
}

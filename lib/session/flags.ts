import { type CommandLine, type FlagName, namesIn } from '../config/flags';
import { Dock0Error } from '../error';
import type { TaskSet } from './task';

/** What every task reads, since it reads the configuration and may make steps. */
const OF_ALL: readonly FlagName[] = [
  '--config',
  '--host',
  '--set',
  '--output',
  '--cache',
  '--force',
  '--explain',
  '--dry-run',
  '--verbose',
];

/** A task in gulp's tree: of the composed ones, what they are composed of. */
export interface TreeNode {
  label: string;
  nodes: readonly TreeNode[];
}

/**
 * Checks that each flag of gulp's command line is read by one of its tasks.
 *
 * @param argv gulp's arguments; none: another program runs the tasks
 * @throws Dock0Error with the tasks that read it
 */
export async function checkFlags(argv: readonly string[], tasks: TaskSet): Promise<void> {
  const named = namesIn(argv);
  if (named.flags.every((flag) => OF_ALL.includes(flag))) return;
  const { default: gulp } = await import('gulp');
  const problems = unreadFlags(named, gulp.tree({ deep: true }).nodes as readonly TreeNode[], tasks);
  if (problems.length > 0) throw new Dock0Error(problems.join('\n'));
}

/**
 * What is wrong with flags that none of the tasks reads, a line each. A task of the gulpfile's own may run others from
 * within, so beside one no flag is too many.
 *
 * @param tree gulp's tasks
 */
export function unreadFlags(
  { flags, tasks: words }: CommandLine,
  tree: readonly TreeNode[],
  tasks: TaskSet,
): string[] {
  const all = { ...tasks.steps, ...tasks.commands };
  const names = (words.length === 0 ? ['default'] : words).flatMap((word) => {
    const node = tree.find(({ label }) => label === word);
    return node === undefined ? [word] : leaves(node);
  });
  if (names.some((name) => !Object.hasOwn(all, name))) return [];
  return flags.flatMap((flag) => {
    const readers = Object.keys(all).filter((name) => all[name]?.flags?.includes(flag));
    if (OF_ALL.includes(flag) || names.some((name) => readers.includes(name))) return [];
    const known = new Intl.ListFormat('en').format(readers);
    return `${flag}: has no effect: no task of this command reads it; ${known} ${readers.length === 1 ? 'does' : 'do'}`;
  });
}

function leaves({ label, nodes }: TreeNode): string[] {
  return nodes.length === 0 ? [label] : nodes.flatMap(leaves);
}

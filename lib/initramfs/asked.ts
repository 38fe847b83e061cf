import type { FileInput } from '../engine/step';
import type { Json } from '../json';
import { run } from '../system/process';
import type { Hook } from './hooks';
import type { Installed } from './install-script';

/** What an install script of the user asks for, and what it printed. */
export interface Asked extends Installed {
  said: string[];
  /** The script asks for the version of a kernel that is not made yet. */
  unknown?: boolean;
}

/**
 * Runs the install scripts of the user's hooks, which alone know what they add: files of this machine, links, folders and
 * modules. All of it is an input. Our own hooks add busybox and nothing else of this machine.
 *
 * @param kernelVersion asked for a script that names KERNELVERSION; undefined while the kernel is not made
 */
export async function askHooks(
  hooks: readonly Hook[],
  kernelVersion: () => Promise<unknown>,
): Promise<ReadonlyMap<string, Asked>> {
  const asked = new Map<string, Asked>();
  for (const hook of hooks) {
    if (hook.builtin || hook.install === undefined) continue;
    asked.set(hook.name, await askHook(hook, kernelVersion));
  }
  return asked;
}

async function askHook(hook: Hook, kernelVersion: () => Promise<unknown>): Promise<Asked> {
  const { asksForKernel, runInstallScript } = await import('./install-script');
  const version = asksForKernel(hook) ? await kernelVersion() : '';
  const said: string[] = [];
  if (typeof version !== 'string')
    return { additions: [], modules: [], optionalModules: [], said, unknown: true };
  const onLine = (line: string, stream: string): void => {
    // The other one has the calls.
    if (stream === 'stderr') said.push(line);
  };
  const installed = await runInstallScript(hook, {
    run: (command, args, options) => run(command, args, { ...options, onLine }),
    root: '/',
    kernelVersion: version,
  });
  return { ...installed, said };
}

/** What was asked for, in the order of the scripts, for the fingerprint: all but the content of files. */
export function linesAsked(asked: ReadonlyMap<string, Asked>): { [hook: string]: Json } {
  return Object.fromEntries([...asked].map(([name, each]) => [`hook ${name}`, linesOf(each)]));
}

function linesOf({ additions, modules, optionalModules, unknown }: Asked): Json {
  if (unknown) return 'known once the kernel is made';
  return [
    ...additions.map((each) =>
      each.kind === 'symlink'
        ? `symlink ${JSON.stringify(each.path)} -> ${JSON.stringify(each.target)}`
        : `${each.kind} ${each.path} ${each.mode.toString(8)}`,
    ),
    ...modules.map((name) => `module ${name}`),
    ...optionalModules.map((name) => `module ${name}?`),
  ];
}

/** The files of this machine among it. */
export function filesAsked(asked: ReadonlyMap<string, Asked>): FileInput[] {
  const files = new Map<string, FileInput>();
  for (const [hook, { additions }] of asked)
    for (const each of additions) {
      if (each.kind !== 'file') continue;
      const name = `hook ${hook}: ${each.path.slice(1)}`;
      files.set(`${name}\0${each.source}`, { name, path: each.source });
    }
  return [...files.values()];
}

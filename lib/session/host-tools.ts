import { existsSync } from 'node:fs';
import type { BuildContext } from '../build';
import type { Distribution } from '../distributions/provider';
import type { Tool } from '../engine/step';
import { findTool } from '../system/find-tool';
import { SYSTEM_TOOLS } from '../system/tools';
import type { TaskSet } from './task';

/** A tool that tasks call, and which. */
export interface NeededTool extends Tool {
  neededBy: string[];
}

/** The tools that the tasks of a set call with configurations: what all hosts share, and each host's. */
export async function neededTools(
  { steps, commands }: TaskSet,
  ...contexts: BuildContext[]
): Promise<NeededTool[]> {
  const tools = new Map<string, NeededTool>();
  const add = (neededBy: string, called: readonly Tool[]): void => {
    for (const tool of called) {
      const known = tools.get(tool.name);
      if (known === undefined) tools.set(tool.name, { ...tool, neededBy: [neededBy] });
      else {
        if (!known.neededBy.includes(neededBy)) known.neededBy.push(neededBy);
        if (!tool.optional) delete known.optional;
      }
    }
  };
  add(
    'every step',
    SYSTEM_TOOLS.map((name) => ({ name })),
  );
  for (const context of contexts) {
    for (const [name, task] of Object.entries(steps)) {
      for (const step of task.steps(context)) add(name, (await step.tools?.(context)) ?? []);
    }
    for (const [name, { tools: called }] of Object.entries(commands)) {
      add(name, (await called?.(context.config)) ?? []);
    }
  }
  return [...tools.values()];
}

/** Where a tool is on this host; undefined when it is missing. */
export function locateTool({ name, files }: Pick<Tool, 'name' | 'files'>): string | undefined {
  return files === undefined ? findTool(name) : files.find((file) => existsSync(file));
}

/** The package that has a tool on a host of a distribution; undefined where none is known. */
export function packageOf(
  { name, packages }: Pick<Tool, 'name' | 'packages'>,
  host: Pick<Distribution, 'name' | 'toolPackages'>,
): string | undefined {
  return packages?.[host.name] ?? host.toolPackages[name];
}

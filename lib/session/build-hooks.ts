import { writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { BuildContext, BuildRun, BuildStep } from '../build';
import { pathsOf } from '../engine/inputs';
import type { FileInput } from '../engine/step';
import { withOwnProcesses } from '../system/own-processes';
import { CommandError, failedAs } from '../system/process';

/**
 * A step together with the build hooks that the configuration has for it: executables run before it
 * (`hooks.pre-<step>`) and after it (`hooks.post-<step>`). They are inputs like any other: a changed hook runs the step
 * again. All parts of a step (`squash:packages`) have its hooks.
 *
 * A hook finds in its environment DOCK0_STEP, DOCK0_OUT (the artifact's folder, which a post hook may change),
 * DOCK0_TMP, DOCK0_CONFIG (a JSON file) and DOCK0_NEED_<NAME> (the artifacts the step depends on, read-only by
 * convention). An exit code other than 0 fails the step. What it leaves running, or mounted, ends with it.
 */
export function withHooks(step: BuildStep, { config }: Pick<BuildContext, 'config'>): BuildStep {
  const name = step.name.split(':')[0];
  const before = config.hooks[`pre-${name}`] ?? [];
  const after = config.hooks[`post-${name}`] ?? [];
  if (before.length + after.length === 0) return step;
  return {
    ...step,
    // Hooks know where they are.
    trusts: [],
    inputs: async (context, facts) => {
      const inputs = (await step.inputs?.(context, facts)) ?? {};
      const files = (role: string, paths: readonly string[]): FileInput[] =>
        paths.map((path) => ({ role, name: `hook ${relative(process.cwd(), path)}`, path }));
      const { view, config: whole } = context;
      return {
        ...inputs,
        // A hook may read any key.
        values: { ...inputs.values, hooks: view.of(whole) },
        files: [...(inputs.files ?? []), ...files('pre-hook', before), ...files('post-hook', after)],
      };
    },
    run: async (context) => {
      await runHooks('pre-hook', step, context);
      const meta = await step.run(context);
      await runHooks('post-hook', step, context);
      return meta;
    },
  };
}

async function runHooks(role: string, { name }: BuildStep, context: BuildRun): Promise<void> {
  const hooks = pathsOf(context.files, role);
  if (hooks.length === 0) return;
  const file = join(context.tmp, 'config.json');
  writeFileSync(file, JSON.stringify(context.values.hooks, null, 2), { mode: 0o600 });
  const needs = Object.entries(context.needs).map(([need, { path }]) => [
    `DOCK0_NEED_${need.toUpperCase()}`,
    path,
  ]);
  for (const hook of hooks) {
    const shown = `hook ${relative(process.cwd(), hook)}`;
    context.log(shown);
    const env = {
      DOCK0_STEP: name,
      DOCK0_OUT: context.out,
      DOCK0_TMP: context.tmp,
      DOCK0_CONFIG: file,
      ...Object.fromEntries(needs),
    };
    const [program = '', ...args] = withOwnProcesses([hook]);
    try {
      await context.run(program, args, { env, foreign: true });
    } catch (error) {
      throw error instanceof CommandError ? failedAs(`${shown} failed`, error) : error;
    }
  }
}

import type { BuildContext, BuildRun } from '../build';
import type { StepInputs, Tool } from '../engine/step';
import type { Part } from './builder';
import { BUILDERS } from './builders';

/** What the builder that the configuration names calls. */
export async function initramfsTools({ config }: BuildContext): Promise<readonly Tool[]> {
  const builder = await BUILDERS[config.initramfs.builder].load();
  return builder.tools?.(config) ?? [];
}

/** The inputs of the builder that the configuration names, with its name and version. */
export async function initramfsInputs(context: BuildContext): Promise<StepInputs> {
  const { builder: name } = context.config.initramfs;
  const builder = await BUILDERS[name].load();
  const inputs = await builder.inputs(context);
  return { ...inputs, values: { builder: name, version: builder.version, ...inputs.values } };
}

/** Writes `initramfs.img` with the builder that the configuration names. */
export async function buildInitramfs(context: BuildRun<Part>): Promise<{ bytes: number }> {
  const builder = await BUILDERS[context.config.initramfs.builder].load();
  return builder.run(context);
}

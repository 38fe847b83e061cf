import type { BuildContext, BuildRun, InputsOf } from '../build';
import type { Facts, Tool } from '../engine/step';
import type { Part } from './builder';
import { BUILDERS } from './builders';

/** What the builder that the configuration names calls. */
export async function initramfsTools({ config }: BuildContext): Promise<readonly Tool[]> {
  const builder = await BUILDERS[config.initramfs.builder].load();
  return builder.tools?.(config) ?? [];
}

/** The inputs of the builder that the configuration names, with its name and version. */
export async function initramfsInputs(context: BuildContext, facts: Facts<Part>) {
  const { builder: name } = context.config.initramfs;
  const builder = await BUILDERS[name].load();
  const inputs = await builder.inputs(context, facts);
  return { ...inputs, values: { ...inputs.values, builder: name, version: builder.version } };
}

/** Writes `initramfs.img` with the builder that the configuration names. */
export async function buildInitramfs(
  context: BuildRun<Part, InputsOf<typeof initramfsInputs>>,
): Promise<{ bytes: number }> {
  const builder = await BUILDERS[context.values.builder].load();
  return builder.run(context);
}

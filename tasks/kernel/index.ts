import type { PlanContext, Step } from '../../lib/engine/step';

/**
 * Makes the kernel, by the provider the configuration names. Whatever the provider, the artifact holds `vmlinuz`,
 * `config` where it is known, and `modules/` (`usr/lib/modules/<version>/…`, with depmod's files) unless all is
 * built in; its facts are {version, modules, epoch}.
 */
export const kernel: Step = {
  name: 'kernel',
  description: 'Makes the kernel and its modules',
  version: 1,
  root: 'gives the modules layer to root',
  inputs: async (context) => {
    const provider = await providerOf(context);
    const inputs = (await provider.inputs?.(context)) ?? {};
    const { provider: name } = context.config.kernel;
    return { ...inputs, values: { provider: name, version: provider.version, ...inputs.values } };
  },
  run: async (context) => (await providerOf(context)).run(context),
};

/** Only the provider that is asked for is loaded. */
async function providerOf({ config }: Pick<PlanContext, 'config'>): Promise<Step> {
  const { provider } = config.kernel;
  if (provider === 'package') return (await import('./package')).packageKernel;
  return provider === 'file' ? (await import('./file')).fileKernel : (await import('./source')).sourceKernel;
}

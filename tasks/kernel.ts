import { join } from 'node:path';
import { type BuildStep, defineStep } from '../lib/build';
import type { Config } from '../lib/config/schema';
import type { Values } from '../lib/engine/step';
import { imageOf } from '../lib/kernel/image';
import { needsOf } from '../lib/kernel/needs';
import { PROVIDERS } from '../lib/kernel/providers/index';

/**
 * Makes the kernel, by the provider the configuration names. Whatever the provider, the artifact holds `vmlinuz`,
 * `config` where it is known, and `modules/` (`usr/lib/modules/<version>/…`, with depmod's files) unless all is
 * built in; its facts are {version, modules, epoch}. A kernel whose `config` lacks what the image needs is refused.
 */
export const kernel = defineStep({
  name: 'kernel',
  description: 'Makes the kernel and its modules',
  version: 2,
  root: 'gives the modules layer to root',
  tools: async (context) => (await providerOf(context.config.kernel)).tools?.(context) ?? [],
  inputs: async (context, facts) => {
    const provider = await providerOf(context.config.kernel);
    const inputs = (await provider.inputs?.(context, facts)) ?? {};
    // A kernel that will do for one image may lack what another needs: it is checked again.
    const needs = needsOf(await imageOf(context));
    return {
      ...inputs,
      values: {
        ...(inputs.values as Values),
        provider: context.config.kernel.provider,
        version: provider.version,
        needs: needs
          .filter(({ necessary }) => necessary)
          .map(({ symbols, words = [] }) => [symbols.join('|'), ...words].join(' ')),
      },
      means: { ...(inputs.means as object | undefined), needs },
    };
  },
  run: async (context) => {
    const facts = await (await providerOf(context.values)).run(context);
    const { requireConfig } = await import('../lib/kernel/check');
    requireConfig(join(context.out, 'config'), context.means.needs, facts?.modules === true);
    if (facts?.modules === true) {
      const { setTimes } = await import('../lib/system/times');
      setTimes(join(context.out, 'modules'), Number(facts.epoch));
    }
    return facts;
  },
});

function providerOf({ provider }: Pick<Config['kernel'], 'provider'>): Promise<BuildStep> {
  return PROVIDERS[provider]();
}

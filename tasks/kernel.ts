import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { BuildContext, BuildRun, BuildStep } from '../lib/build';
import { readConfig } from '../lib/kernel/base';
import { requireNeeds } from '../lib/kernel/check';
import { parseKconfig } from '../lib/kernel/kconfig';
import { needsOf } from '../lib/kernel/needs';
import { PROVIDERS } from '../lib/kernel/providers/index';

/**
 * Makes the kernel, by the provider the configuration names. Whatever the provider, the artifact holds `vmlinuz`,
 * `config` where it is known, and `modules/` (`usr/lib/modules/<version>/…`, with depmod's files) unless all is
 * built in; its facts are {version, modules, epoch}. A kernel whose `config` lacks what the image needs is refused.
 */
export const kernel: BuildStep = {
  name: 'kernel',
  description: 'Makes the kernel and its modules',
  version: 1,
  root: 'gives the modules layer to root',
  tools: async (context) => (await providerOf(context)).tools?.(context) ?? [],
  inputs: async (context) => {
    const provider = await providerOf(context);
    const inputs = (await provider.inputs?.(context)) ?? {};
    const { provider: name } = context.config.kernel;
    // A kernel that will do for one image may lack what another needs: it is checked again.
    const needs = needsOf(context.config).filter(({ necessary }) => necessary);
    return {
      ...inputs,
      values: {
        provider: name,
        version: provider.version,
        needs: needs.map(({ symbols }) => symbols.join('|')),
        ...inputs.values,
      },
    };
  },
  run: async (context) => {
    const facts = await (await providerOf(context)).run(context);
    requireConfig(context, facts?.modules === true);
    return facts;
  },
};

/** Where there are no modules, what the configuration has as one is not there. */
function requireConfig({ out, config }: BuildRun, modules: boolean): void {
  const file = join(out, 'config');
  if (!existsSync(file)) return;
  const settings = parseKconfig(readConfig(file));
  const there = modules ? settings : new Map([...settings].filter(([, value]) => value !== 'm'));
  requireNeeds(there, needsOf(config), 'this kernel');
}

function providerOf({ config }: Pick<BuildContext, 'config'>): Promise<BuildStep> {
  return PROVIDERS[config.kernel.provider]();
}

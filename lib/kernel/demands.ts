import { existsSync } from 'node:fs';
import type { BuildContext } from '../build';
import { distributionOf } from '../distributions';
import type { KernelDemands } from '../distributions/provider';
import { configAt } from './base';
import { type Kconfig, parseKconfig } from './kconfig';

/** What a configuration's kernel needs of the packages, as far as it is known before the kernel is made. */
export async function demandsOf(context: BuildContext): Promise<KernelDemands> {
  const { kernel } = context.config;
  const { modules, apparmor } = await PROVIDERS[kernel.provider](context);
  return { modules, apparmor: confines(kernel.cmdline) ?? apparmor };
}

const PROVIDERS: Record<
  BuildContext['config']['kernel']['provider'],
  (context: BuildContext) => Promise<KernelDemands>
> = {
  package: async ({ config }) => ({
    modules: true,
    apparmor: (await distributionOf(config)).kernel?.apparmor ?? false,
  }),

  file: async ({ config: { kernel } }) => {
    const { config_file: file, modules } = kernel;
    const known = file !== undefined && existsSync(file);
    return {
      modules: modules !== 'none',
      apparmor: known && hasAppArmor(parseKconfig(configAt(file).text)),
    };
  },

  source: async (context) => {
    const { wantedOf } = await import('./workshop');
    const { base, requests } = wantedOf(context);
    const stated: Kconfig = 'target' in base ? new Map() : parseKconfig(base.text);
    for (const [symbol, { value }] of requests) stated.set(symbol, value);
    const preset = 'target' in base && base.target === 'defconfig' ? 'y' : 'n';
    return { modules: (stated.get('MODULES') ?? preset) === 'y', apparmor: hasAppArmor(stated) };
  },
};

function hasAppArmor(config: Kconfig): boolean {
  return config.get('SECURITY_APPARMOR') === 'y';
}

/** What the command line says of AppArmor (the kernel's admin-guide/kernel-parameters); undefined: nothing. */
function confines(cmdline: readonly string[]): boolean | undefined {
  const last = (name: string): string | undefined =>
    cmdline
      .filter((word) => word.startsWith(`${name}=`))
      .at(-1)
      ?.slice(name.length + 1);
  const modules = last('lsm')?.split(',');
  if (last('apparmor') === '0') return false;
  if (modules !== undefined) return modules.includes('apparmor');
  const security = last('security');
  return security === undefined ? undefined : security === 'apparmor';
}

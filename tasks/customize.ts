import { type BuildContext, defineStep } from '../lib/build';
import { isKeyUrl } from '../lib/config/ssh-key';
import { customizeInputs, hostInputs } from '../lib/root/inputs';
import { pacstrap } from './pacstrap';
import { rootfs } from './rootfs';

/** Public keys that are named by URL. */
async function fetchedKeys(context: BuildContext): Promise<Readonly<Record<string, readonly string[]>>> {
  if (!namesUrls(context.config) && !namesUrls(context.base)) return {};
  return (await import('../lib/distributions/lock/ssh-keys')).keysOf(context);
}

function keyTools({ config }: Pick<BuildContext, 'config'>): { name: string }[] {
  return namesUrls(config) ? [{ name: 'curl' }] : [];
}

function namesUrls({ root, users }: BuildContext['config']): boolean {
  return [root, ...Object.values(users)].some(({ ssh_keys }) => ssh_keys.some(isKeyUrl));
}

/**
 * Applies what the configuration says about the root, and keeps the difference as the layer `layer/`. What belongs to
 * one host is in the layer of `host`.
 */
export const customize = defineStep({
  name: 'customize',
  description: 'Applies overlay, templates, scripts, commands and settings to the root',
  version: 6,
  root: 'changes owners and runs commands in a chroot',
  needs: () => ({ rootfs, pacstrap }),
  trusts: ['pacstrap'],
  tools: keyTools,
  inputs: async (context) => customizeInputs(context, await fetchedKeys(context)),
  run: async (context) => {
    const { customizeRoot } = await import('../lib/root/customize');
    const { packageTools } = await import('../lib/distributions/install');
    return customizeRoot(context, packageTools);
  },
});

/**
 * Makes what only this host has the small layer `layer/` on top of what all hosts share: its name, the shared templates
 * and settings that differ for it, and what its own file states.
 */
export const host = defineStep({
  name: 'host',
  description: 'Makes the layer of what only this host has',
  version: 5,
  root: 'changes owners and runs commands in a chroot',
  needs: () => ({ rootfs, pacstrap, customize }),
  trusts: ['pacstrap'],
  tools: keyTools,
  inputs: async (context) => hostInputs(context, await fetchedKeys(context)),
  run: async (context) => {
    const { makeHost } = await import('../lib/root/host');
    const { packageTools } = await import('../lib/distributions/install');
    return makeHost(context, packageTools);
  },
});

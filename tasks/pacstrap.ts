import { defineStep } from '../lib/build';
import { rootInputs, rootTools } from '../lib/distributions/root';
import { demandsOf } from '../lib/kernel/demands';
import { baseImage } from '../lib/root/build-root';
import { rootfs } from './rootfs';

/** Installs all packages in one transaction and keeps what they add to the root as the layer `layer/`. */
export const pacstrap = defineStep({
  name: 'pacstrap',
  description: 'Installs the packages into the root',
  version: 2,
  root: 'installs packages with their owners and runs their scripts in a chroot',
  needs: () => ({ rootfs }),
  tools: rootTools,
  inputs: async (context) => rootInputs(context, await demandsOf(context)),
  run: async (context) => {
    const { installRoot } = await import('../lib/distributions/install');
    return installRoot(context, baseImage(context.needs.rootfs));
  },
});

import type { BuildContext, BuildStep } from '../lib/build';
import type { Builder, Parts } from '../lib/initramfs/builder';
import { customize } from './customize';
import { kernel } from './kernel';
import { pacstrap } from './pacstrap';

/**
 * Writes the initramfs, `initramfs.img`, by the builder that the configuration names. Its facts are {bytes}.
 *
 * dock0's own builder needs the kernel alone, so that packages and initramfs are made side by side; mkinitcpio is a
 * program of the root and reads the root's settings.
 */
export const initramfs: BuildStep<Parts> = {
  name: 'initramfs',
  description: 'Writes the initramfs that finds and mounts the root',
  version: 1,
  needs: ({ config }) =>
    config.initramfs.builder === 'mkinitcpio'
      ? { kernel, pacstrap, customize }
      : // The builder of this configuration looks at no other.
        ({ kernel } as unknown as Record<Parts, BuildStep>),
  inputs: async (context) => {
    const builder = await builderOf(context);
    const inputs = await builder.inputs(context);
    const { builder: name } = context.config.initramfs;
    return { ...inputs, values: { builder: name, version: builder.version, ...inputs.values } };
  },
  run: async (context) => (await builderOf(context)).run(context),
};

/** Only the builder that is asked for is loaded. */
async function builderOf({ config }: Pick<BuildContext, 'config'>): Promise<Builder> {
  return config.initramfs.builder === 'mkinitcpio'
    ? (await import('../lib/initramfs/mkinitcpio/builder')).mkinitcpio
    : (await import('../lib/initramfs/dock0')).dock0;
}

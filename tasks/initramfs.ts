import { type BuildStep, defineStep, type InputsOf } from '../lib/build';
import { buildInitramfs, initramfsInputs, initramfsTools } from '../lib/initramfs/build';
import type { Part } from '../lib/initramfs/builder';
import { BUILDERS } from '../lib/initramfs/builders';
import { customize } from './customize';
import { kernel } from './kernel';
import { pacstrap } from './pacstrap';

const PARTS: Record<Part, BuildStep> = { kernel, pacstrap, customize };

/**
 * Writes the initramfs, `initramfs.img`, with the builder that the configuration names. Its facts are {bytes}.
 *
 * dock0's own builder needs only the kernel, so packages and initramfs are made in parallel; mkinitcpio is a program of
 * the root and reads the root's settings.
 */
export const initramfs = defineStep<Part, InputsOf<typeof initramfsInputs>>({
  name: 'initramfs',
  description: 'Writes the initramfs that finds and mounts the root',
  version: 1,
  needs: ({ config }) => {
    const names = BUILDERS[config.initramfs.builder].needs;
    return Object.fromEntries(names.map((name) => [name, PARTS[name]])) as typeof PARTS;
  },
  tools: initramfsTools,
  inputs: initramfsInputs,
  run: buildInitramfs,
});

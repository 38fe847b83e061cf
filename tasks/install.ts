import { defineStep } from '../lib/build';
import { Dock0Error } from '../lib/error';
import { installInputs, installTools, isCurrent } from '../lib/install/inputs';
import { knownRelease, releaseFolder } from '../lib/release/folder';
import type { Build, Session } from '../lib/session/task';
import { initramfs } from './initramfs';
import { kernel } from './kernel';
import { pacstrap } from './pacstrap';
import { squash } from './squash';

/**
 * Puts kernel, initramfs and layers together as a release in `build/<name>/releases/<id>/`, with its manifest,
 * checksums and what its target adds, such as a disk image; then makes it the current one.
 */
export const install = defineStep({
  name: 'install',
  description: 'Puts the release together and makes it the current one',
  version: 5,
  root: 'keeps owners in the disk image',
  needs: (context) => ({ ...squash(context), kernel, initramfs, pacstrap }),
  trusts: ['pacstrap'],
  tools: installTools,
  inputs: installInputs,
  current: isCurrent,
  run: async (context) => (await import('../lib/install/install')).installRelease(context),
});

/**
 * The folder of the release that `--release` names, as it is; without it that of the current release, which is built
 * first if it is out of date.
 *
 * @throws Dock0Error naming the releases that exist
 */
export async function wantedRelease(build: Build, stated: string | undefined): Promise<string> {
  const { output } = build.context;
  if (stated !== undefined) return knownRelease(output, stated);
  const meta = await build.ensure(install);
  return releaseFolder(output, String(meta.release));
}

/**
 * Puts the current release onto the disk or disk image that `--onto` names, beside the releases that it has; machines try
 * it. A disk without releases gets the whole disk image.
 *
 * @throws Dock0Error when there is no such disk, it is in use or holds something else, or several hosts are built for
 */
export async function installOnto({ builds, flags, log }: Session): Promise<void> {
  if (flags.onto === undefined) {
    if (flags.erase === undefined) return;
    throw new Dock0Error(
      `--yes-erase ${flags.erase}: expected the disk that --onto names, and there is no --onto`,
    );
  }
  const { ontoDisk, theBuild } = await import('../lib/install/onto');
  const { context, make } = theBuild(builds);
  const { target, layout } = context.config.install;
  if (target !== 'image' || layout !== 'gpt')
    throw new Dock0Error('--onto: no machine would confirm this release, and all would go back', {
      hint: 'Set `install.target: image` and `install.layout: gpt`.',
    });
  await ontoDisk(flags, context.config.install, { ...context, log }, async () => {
    const { meta } = await make(install);
    return releaseFolder(context.output, String(meta.release));
  });
}

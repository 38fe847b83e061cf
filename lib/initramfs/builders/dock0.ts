import { join } from 'node:path';
import type { FileInput } from '../../engine/step';
import { Dock0Error } from '../../error';
import { findTool } from '../../system/find-tool';
import { askHooks, filesAsked, linesAsked } from '../asked';
import { type Builder, hookFiles, settingsOf } from '../builder';
import { builtinHooks, findHooks } from '../hooks';
import { volumePrograms } from '../volumes';

/**
 * dock0's own initramfs: busybox, /init, the hooks with what they add, the volumes, and the kernel modules needed to
 * reach the root.
 */
export const dock0: Builder<'kernel'> = {
  version: 5,

  tools: (config) => [
    { name: 'busybox' },
    ...(config.initramfs.compression === 'zstd' ? [{ name: 'zstd', versioned: true }] : []),
    ...volumePrograms(config).map((name) => ({ name })),
  ],

  inputs: async ({ config }, facts) => {
    const values = settingsOf(config);
    const { compression, hooks_dir: folders } = config.initramfs;
    const hooks = findHooks(values.hooks, folders);
    const asked = await askHooks(hooks, async () => (await facts('kernel'))?.version);
    const files: FileInput[] = [
      { name: 'init', path: join(builtinHooks(), 'init') },
      { name: 'busybox', path: busybox() },
      ...hooks.flatMap(hookFiles),
      ...filesAsked(asked),
      ...(await programInputs(values.programs)),
    ];
    return {
      values: {
        ...values,
        ...(asked.size === 0 ? {} : { added: linesAsked(asked) }),
        // Another version of zlib may compress the same bytes differently.
        zlib: compression === 'gzip' ? process.versions.zlib : undefined,
      },
      // In the archive they have modes of their own.
      files: files.map((file) => ({ ...file, modeless: true })),
      means: { hooks, asked },
    };
  },

  run: async (context) =>
    (await import('../dock0')).writeInitramfs(context, `dock0 ${dock0.version} (gulp-dock0)`),
};

function busybox(): string {
  const path = findTool('busybox');
  if (path !== undefined) return path;
  throw new Dock0Error('busybox is not installed: the initramfs needs it', {
    hint: '`gulp setup` installs it.',
  });
}

/** The files of the programs of this machine that check and make file systems. */
async function programInputs(programs: readonly string[]): Promise<FileInput[]> {
  if (programs.length === 0) return [];
  const { programAdditions } = await import('../additions');
  const files = new Map(programAdditions(programs).map(({ path, source }) => [path, source]));
  return [...files].map(([path, source]) => ({ name: `program: ${path.slice(1)}`, path: source }));
}

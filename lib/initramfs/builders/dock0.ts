import { join } from 'node:path';
import type { FileInput } from '../../engine/step';
import { Dock0Error } from '../../error';
import { findTool } from '../../system/find-tool';
import { run as runCommand } from '../../system/process';
import { type Builder, hookFiles, settingsOf } from '../builder';
import { builtinHooks, findHooks, type Hook } from '../hooks';
import { volumePrograms } from '../volumes';

/**
 * dock0's own initramfs: busybox, /init, the hooks with what they add, the volumes, and the kernel modules needed to
 * reach the root.
 */
export const dock0: Builder<'kernel'> = {
  version: 4,

  tools: (config) => [
    { name: 'busybox' },
    ...(config.initramfs.compression === 'zstd' ? [{ name: 'zstd', versioned: true }] : []),
    ...volumePrograms(config).map((name) => ({ name })),
  ],

  inputs: async ({ config }) => {
    const values = settingsOf(config);
    const { compression, hooks_dir: folders } = config.initramfs;
    const hooks = findHooks(values.hooks, folders);
    return {
      values: {
        ...values,
        // Another version of zlib may compress the same bytes differently.
        zlib: compression === 'gzip' ? process.versions.zlib : undefined,
      },
      files: [
        { name: 'init', path: join(builtinHooks(), 'init') },
        { name: 'busybox', path: busybox() },
        ...hooks.flatMap(hookFiles),
        ...(await addedFiles(hooks)),
        ...(await programInputs(values.programs)),
      ],
      means: { hooks },
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

/**
 * The files of this machine that the user's hooks add: only their scripts know, so they are run to find out. Our own
 * hooks add busybox and nothing else.
 */
async function addedFiles(hooks: Hook[]): Promise<FileInput[]> {
  const files = new Map<string, string>();
  for (const hook of hooks) {
    if (hook.builtin || hook.install === undefined) continue;
    const { runInstallScript } = await import('../install-script');
    const { additions } = await runInstallScript(hook, { run: runCommand, root: '/' });
    for (const each of additions) {
      if (each.kind === 'file') files.set(`hook ${hook.name}: ${each.path.slice(1)}`, each.source);
    }
  }
  return [...files].map(([name, path]) => ({ name, path }));
}

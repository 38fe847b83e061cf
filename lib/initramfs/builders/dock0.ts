import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { FileInput } from '../../engine/step';
import { Dock0Error } from '../../error';
import { compressFile } from '../../streams/compress';
import { writeCpio } from '../../streams/newc';
import { findTool } from '../../system/find-tool';
import { run as runCommand } from '../../system/process';
import {
  type Builder,
  type BuilderRun,
  hookFiles,
  reportMissing,
  settingsOf,
  wantedModules,
} from '../builder';
import { type InitramfsParts, initramfsEntries } from '../content';
import { builtinHooks, findHooks, type Hook } from '../hooks';
import { type Installed, runInstallScript } from '../install-script';
import { moduleFiles } from '../module-files';
import { closureOf, moduleName, readModuleTree } from '../modules';

/**
 * dock0's own initramfs: busybox, /init, the hooks with what they add, the volumes, and the kernel modules needed to
 * reach the root.
 */
export const dock0: Builder<'kernel'> = {
  version: 1,

  tools: ({ initramfs: { compression } }) => [
    { name: 'busybox' },
    ...(compression === 'zstd' ? [{ name: 'zstd', versioned: true }] : []),
  ],

  inputs: async ({ config }) => {
    const { compression, hooks: names, hooks_dir: folders } = config.initramfs;
    const hooks = findHooks(names, folders);
    return {
      values: {
        ...settingsOf(config),
        // Another version of zlib may compress the same bytes differently.
        zlib: compression === 'gzip' ? process.versions.zlib : undefined,
      },
      files: [
        { name: 'init', path: join(builtinHooks(), 'init') },
        { name: 'busybox', path: busybox() },
        ...hooks.flatMap(hookFiles),
        ...(await addedFiles(hooks)),
      ],
      means: { hooks },
    };
  },

  run: async (context) => {
    const { values, means, out, tmp, needs, run, log } = context;
    const { hooks } = means;
    const version = typeof needs.kernel.meta.version === 'string' ? needs.kernel.meta.version : undefined;
    const installed: Installed[] = [];
    for (const hook of hooks)
      installed.push(await runInstallScript(hook, { run, root: '/', kernelVersion: version }));
    const parts: InitramfsParts = {
      hooks,
      additions: installed.flatMap(({ additions }) => additions),
      modules: await modulesOf(hooks, installed, context),
      volumes: values.volumes,
      timeout: values.timeout,
    };
    const archive = join(tmp, 'initramfs.cpio');
    const image = join(out, 'initramfs.img');
    await writeCpio(initramfsEntries(parts), archive);
    await compressFile(archive, image, values.compression, run, values.level);
    const { size } = statSync(image);
    log(`${(size / 2 ** 20).toFixed(2)} MiB, ${parts.modules?.files.length ?? 0} modules`);
    return { bytes: size };
  },
};

function busybox(): string {
  const path = findTool('busybox');
  if (path !== undefined) return path;
  throw new Dock0Error('busybox is not installed: the initramfs needs it', {
    hint: '`gulp setup` installs it.',
  });
}

/**
 * The files of this machine that the user's hooks add: only their scripts know, so they are run to find out. Our own
 * hooks add busybox and nothing else.
 */
async function addedFiles(hooks: Hook[]): Promise<FileInput[]> {
  const files = new Map<string, string>();
  for (const hook of hooks) {
    if (hook.builtin || hook.install === undefined) continue;
    const { additions } = await runInstallScript(hook, { run: runCommand, root: '/' });
    for (const each of additions) {
      if (each.kind === 'file') files.set(`hook ${hook.name}: ${each.path.slice(1)}`, each.source);
    }
  }
  return [...files].map(([name, path]) => ({ name, path }));
}

async function modulesOf(
  hooks: Hook[],
  installed: Installed[],
  { values, needs, tmp, run, log }: BuilderRun<'kernel'>,
): Promise<InitramfsParts['modules']> {
  const folder = join(needs.kernel.path, 'modules');
  // A kernel without modules has everything built in; `gulp kernel:check` tells whether that is true.
  if (!existsSync(join(folder, 'usr/lib/modules'))) return undefined;
  const tree = readModuleTree(folder);
  const wanted = wantedModules(values, installed);
  const { drivers, necessary, optional } = wanted;
  reportMissing(tree, wanted, { values, log });
  const { files } = closureOf(tree, [...drivers, ...necessary, ...optional]);
  // A user's hook may expect the disks to be there; ours loads drivers until its disk appears.
  const late = values.modules === 'auto' && hooks.every(({ builtin }) => builtin);
  const load = closureOf(tree, [...(late ? [] : drivers), ...necessary, ...optional]).files.map(moduleName);
  return {
    version: tree.version,
    files: await moduleFiles(tree, files, tmp, run),
    load,
    drivers: late ? drivers.map(moduleName).filter((name) => tree.files.has(name)) : [],
  };
}

import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { compressFile } from '../streams/compress';
import { writeCpio } from '../streams/newc';
import { programAdditions } from './additions';
import { type BuilderRun, picks, reportMissing, wantedModules } from './builder';
import { type InitramfsParts, initramfsEntries } from './content';
import { absentDrivers } from './drivers';
import type { Hook } from './hooks';
import { type Installed, runInstallScript } from './install-script';
import { mkinitcpioConf } from './mkinitcpio/conf';
import { moduleFiles } from './module-files';
import { closureOf, moduleName, readModuleTree } from './modules';

/**
 * Writes dock0's own initramfs to the artifact.
 *
 * @param builder name and version of the builder, for those who look into it
 */
export async function writeInitramfs(
  context: BuilderRun<'kernel'>,
  builder: string,
): Promise<{ bytes: number }> {
  const { values, means, out, tmp, needs, run, log, line } = context;
  const { hooks } = means;
  const version = typeof needs.kernel.meta.version === 'string' ? needs.kernel.meta.version : undefined;
  const installed: Installed[] = [];
  for (const hook of hooks) {
    const asked = means.asked?.get(hook.name);
    for (const text of asked?.said ?? []) line(text, 'stderr');
    installed.push(asked ?? (await runInstallScript(hook, { run, root: '/', kernelVersion: version })));
  }
  const modules = await modulesOf(hooks, installed, context);
  const parts: InitramfsParts = {
    hooks,
    additions: [...installed.flatMap(({ additions }) => additions), ...programAdditions(values.programs)],
    modules,
    volumes: values.volumes,
    timeout: values.timeout,
    partitions: values.partitions,
    state: values.state,
    made: {
      by: builder,
      of: mkinitcpioConf({
        hooks: hooks.map(({ name }) => name),
        modules: [...(modules?.load ?? []), ...(modules?.cards ?? []), ...(modules?.drivers ?? [])],
        programs: values.programs,
        files: [],
        compression: values.compression,
        level: values.level,
        modular: true,
      }),
    },
  };
  const archive = join(tmp, 'initramfs.cpio');
  const image = join(out, 'initramfs.img');
  await writeCpio(initramfsEntries(parts), archive);
  await compressFile(archive, image, values.compression, run, values.level);
  const { size } = statSync(image);
  log(`${(size / 2 ** 20).toFixed(2)} MiB, ${parts.modules?.files.length ?? 0} modules`);
  return { bytes: size };
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
  const { drivers, cards, necessary, optional } = wanted;
  reportMissing(tree, wanted, { values, log });
  const { files } = closureOf(tree, [...cards, ...drivers, ...necessary, ...optional]);
  // A user's hook may expect the disks to be there; ours loads drivers until its disk appears.
  const late = picks(values) && hooks.every(({ builtin }) => builtin);
  const early = late ? [] : [...cards, ...drivers];
  const load = closureOf(tree, [...early, ...necessary, ...optional]).files.map(moduleName);
  const modular = (names: readonly string[]): string[] =>
    late ? names.map(moduleName).filter((name) => tree.files.has(name)) : [];
  return {
    version: tree.version,
    files: await moduleFiles(tree, files, tmp, run),
    load,
    drivers: modular(drivers),
    cards: modular(cards),
    absent: absentDrivers(tree, files, values.network),
  };
}

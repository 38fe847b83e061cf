import { chmodSync, copyFileSync, cpSync, existsSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { FileInput } from '../../engine/step';
import { Dock0Error } from '../../error';
import { realInRoot } from '../../root/path';
import { mountForPrograms } from '../../root/programs';
import { place, textFile } from '../../root/tree';
import { withLayer } from '../../system/layer';
import { commandIn } from '../additions';
import {
  type Builder,
  type BuilderRun,
  hookFiles,
  reportMissing,
  settingsOf,
  wantedModules,
} from '../builder';
import { absentDrivers } from '../drivers';
import type { Hook } from '../hooks';
import { runInstallScript } from '../install-script';
import { mkinitcpioConf } from '../mkinitcpio/conf';
import { checkRoot, dropPostHooks, hooksToInstall, installHook } from '../mkinitcpio/root';
import { PLACES, runMkinitcpio } from '../mkinitcpio/run';
import { closureOf, type ModuleTree, moduleName, modulesNamed, readModuleTree } from '../modules';
import { tables } from '../tables';

/**
 * The initramfs of the root's own mkinitcpio, run in a chroot of the finished root (packages, modules and settings), so
 * that hooks find the root's /etc (keymap, modprobe.d, crypttab). The files of a single host are not in it: all hosts
 * share the initramfs. Nothing of the run stays in a layer.
 */
export const mkinitcpio: Builder = {
  version: 4,

  inputs: async ({ config }) => {
    const values = settingsOf(config);
    const { hooks_dir: folders } = config.initramfs;
    const hooks = hooksToInstall(values.hooks, folders);
    return {
      values,
      files: [...hooks.flatMap(hookFiles), ...folderInputs(hooks)],
      means: { hooks },
    };
  },

  run: async (context) => {
    const { needs, out, tmp, run, log } = context;
    const modules = join(needs.kernel.path, 'modules');
    // A kernel without modules has everything built in; `gulp kernel:check` tells whether that is true.
    const tree = existsSync(join(modules, 'usr/lib/modules')) ? readModuleTree(modules) : undefined;
    const below = [
      join(needs.pacstrap.path, 'layer'),
      ...(tree === undefined ? [] : [modules]),
      join(needs.customize.path, 'layer'),
    ];
    const image = join(out, 'initramfs.img');
    await withLayer({ below, tmp }, run, log, async (open) => {
      await prepare(open.path('/'), tree, context);
      await mountForPrograms(open);
      await runMkinitcpio(open, tree?.version, Number(needs.pacstrap.meta.epoch), context);
      const made = realInRoot(open.path('/'), PLACES.image);
      if (made === undefined) throw new Dock0Error('mkinitcpio left no image');
      copyFileSync(made, image);
      // Like all files of a release: the layers hold more secrets than this.
      chmodSync(image, 0o644);
    });
    const { size } = statSync(image);
    log(`${(size / 2 ** 20).toFixed(2)} MiB`);
    return { bytes: size };
  },
};

/** The user's folders with hooks in use: only an install script knows which of their files it adds. */
function folderInputs(hooks: Hook[]): FileInput[] {
  return userFolders(hooks).map((path) => ({
    name: relative(process.cwd(), path),
    path,
    follow: true,
  }));
}

function userFolders(hooks: Hook[]): string[] {
  return [...new Set(hooks.filter(({ builtin }) => !builtin).map(({ folder }) => folder))];
}

/** Writes the hooks, the configuration and the tables that the hook dock0 reads into the throw-away root. */
async function prepare(root: string, tree: ModuleTree | undefined, context: BuilderRun): Promise<void> {
  const { needs, log } = context;
  const { hooks: names, compression, level } = context.values;
  const { hooks } = context.means;
  checkRoot(root, names, hooks);
  if (names.includes('autodetect'))
    log('initramfs.hooks: autodetect leaves out modules that the hardware of this build host does not need');
  for (const hook of hooks) installHook(hook, root);
  dropPostHooks(root);
  for (const folder of [PLACES.hooks, PLACES.build])
    place(root, [{ path: folder, source: folder, kind: 'folder', mode: 0o755 }]);
  // The folder named first wins, as it does for the hooks.
  const copies = realInRoot(root, PLACES.hooks);
  if (copies === undefined) throw new Dock0Error(`the image has a broken link at ${PLACES.hooks}`);
  for (const folder of userFolders(hooks).reverse())
    cpSync(folder, copies, { recursive: true, dereference: true });
  if (tree !== undefined) {
    // mkinitcpio looks for it there, and warns without it.
    const path = `usr/lib/modules/${tree.version}/vmlinuz`;
    place(root, [{ path, source: join(needs.kernel.path, 'vmlinuz'), kind: 'file', mode: 0o644 }]);
  }
  const modules = tree === undefined ? [] : await modulesOf(tree, hooks, context);
  const drivers = tree === undefined ? '' : absentDrivers(tree, closureOf(tree, modules).files);
  const made = Object.entries(tables(context.values, drivers)).map(([path, text]) =>
    textFile(`/${path}`, text),
  );
  const conf = mkinitcpioConf({
    hooks: [...new Set(names)],
    modules,
    programs: programsIn(root, context),
    files: made.map(({ path }) => path),
    compression,
    level,
    modular: tree !== undefined,
  });
  place(root, [...made, textFile(PLACES.conf, conf)]);
}

/**
 * The programs for file systems that the root has; the initramfs mounts a file system unchecked whose program it lacks.
 *
 * @throws Dock0Error when it lacks one that formats a volume
 */
function programsIn(root: string, { values: { programs }, log }: BuilderRun): string[] {
  return programs.filter((name) => {
    if (commandIn(root, name) !== undefined) return true;
    if (name.startsWith('mk'))
      throw new Dock0Error(`volumes: the image has no ${name}, which makes a file system at boot`, {
        hint: 'Add the package that has it to `packages`: e2fsprogs, xfsprogs or btrfs-progs.',
      });
    log(`warning: the image has no ${name}: volumes are mounted without a check`);
    return false;
  });
}

/**
 * The modules to load before the hooks run, if the kernel has them: without udev, nothing else loads drivers.
 * mkinitcpio itself finds the modules of the root's own hooks and the user's.
 */
async function modulesOf(tree: ModuleTree, hooks: Hook[], context: BuilderRun): Promise<string[]> {
  const { values, run } = context;
  const ours = hooks.filter(({ builtin }) => builtin);
  const about = { run, root: '/', kernelVersion: tree.version };
  const installed = await Promise.all(ours.map((hook) => runInstallScript(hook, about)));
  const wanted = wantedModules(values, installed);
  reportMissing(tree, wanted, context);
  const names = [...wanted.drivers, ...wanted.necessary, ...wanted.optional];
  return [...new Set(names.flatMap((name) => modulesNamed(tree, name)).map(moduleName))];
}

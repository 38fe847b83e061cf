import {
  chmodSync,
  constants,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { BuildRun } from '../../build';
import type { Config } from '../../config/schema';
import type { FileInput } from '../../engine/step';
import { inRoot } from '../../root/path';
import { type OpenLayer, withLayer } from '../../system/layer';
import { CommandError } from '../../system/process';
import { chroot, mountApiFilesystems } from '../../system/sandbox';
import { type Builder, hookFiles, type Parts, reportMissing, settingsOf, wantedModules } from '../builder';
import { volumesTable } from '../content';
import type { Hook } from '../hooks';
import { runInstallScript } from '../install-script';
import { type ModuleTree, moduleName, modulesNamed, readModuleTree } from '../modules';
import { checkRoot, dropPostHooks, hooksToInstall, installHook, mkinitcpioConf, saidBy } from './root';

/**
 * The initramfs of the root's own mkinitcpio, run in a chroot of the finished root: packages, modules and settings, so
 * that hooks find the root's /etc (keymap, modprobe.d, crypttab). What one host adds is not there: an initramfs is
 * every host's. Nothing of the run stays in a layer.
 */
export const mkinitcpio: Builder = {
  version: 1,

  inputs: async ({ config }) => {
    const { hooks: names, hooks_dir: folders } = config.initramfs;
    const hooks = hooksToInstall(names, folders);
    return { values: settingsOf(config), files: [...hooks.flatMap(hookFiles), ...besides(hooks)] };
  },

  run: async (context) => {
    const { needs, out, tmp, run, log } = context;
    const modules = join(needs.kernel.path, 'modules');
    // A kernel without modules has all it needs built in; `gulp kernel:check` tells whether that is so.
    const tree = existsSync(join(modules, 'usr/lib/modules')) ? readModuleTree(modules) : undefined;
    const below = [
      join(needs.pacstrap.path, 'layer'),
      ...(tree === undefined ? [] : [modules]),
      join(needs.customize.path, 'layer'),
    ];
    const image = join(out, 'initramfs.img');
    await withLayer({ below, tmp }, run, log, async (open) => {
      await prepare(open, tree, context);
      await mountApiFilesystems(open.sandbox, open.root);
      await make(open, tree, context);
      copyFileSync(open.path(IMAGE), image);
      // As the rest of a release, whose layers hold more that is secret.
      chmodSync(image, 0o644);
    });
    const { size } = statSync(image);
    log(`${(size / 2 ** 20).toFixed(2)} MiB`);
    return { bytes: size };
  },
};

/** A folder of the throw-away root for what mkinitcpio reads and writes. */
const WORK = '/dock0-initramfs';
const CONF = `${WORK}/mkinitcpio.conf`;
const BUILD = `${WORK}/build`;
/** Where build hooks run: what lies beside the user's hooks. */
const HOOKS = `${WORK}/hooks`;
const IMAGE = `${WORK}/initramfs.img`;

// A constant script: the builder's own umask would show in the image.
const START = 'umask 022 && cd "$0" && exec "$@"';

/** The user's folders with hooks in use: only an install script knows which of the files there it takes. */
function besides(hooks: Hook[]): FileInput[] {
  return userFolders(hooks).map((path) => ({ name: relative(process.cwd(), path), path }));
}

function userFolders(hooks: Hook[]): string[] {
  return [...new Set(hooks.filter(({ builtin }) => !builtin).map(({ folder }) => folder))];
}

/** Writes hooks, configuration and the hook dock0's tables into the throw-away root. */
async function prepare(
  { path }: OpenLayer,
  tree: ModuleTree | undefined,
  context: BuildRun<Parts>,
): Promise<void> {
  const { config, needs, log } = context;
  const { hooks: names, hooks_dir: folders, compression, level, timeout } = config.initramfs;
  const root = path('/');
  const hooks = hooksToInstall(names, folders);
  checkRoot(root, names, hooks);
  if (names.includes('autodetect'))
    log("initramfs.hooks: autodetect leaves out what this build host's own hardware does not need");
  for (const hook of hooks) installHook(hook, root);
  dropPostHooks(root);
  for (const folder of [HOOKS, BUILD]) mkdirSync(path(folder), { recursive: true });
  // The folder named first wins, as it does for the hooks.
  for (const folder of userFolders(hooks).reverse())
    cpSync(folder, path(HOOKS), { recursive: true, dereference: true });
  if (tree !== undefined) {
    // Where mkinitcpio looks for it; without, it warns.
    const kernel = freed(inRoot(root, `usr/lib/modules/${tree.version}/vmlinuz`));
    copyFileSync(join(needs.kernel.path, 'vmlinuz'), kernel, constants.COPYFILE_FICLONE);
  }
  const files = tablesOf(config, timeout);
  for (const [file, text] of Object.entries(files)) {
    const target = freed(inRoot(root, file));
    writeFileSync(target, text);
    chmodSync(target, 0o644);
  }
  const modules = tree === undefined ? [] : await modulesOf(tree, hooks, context);
  const settings = { hooks: [...new Set(names)], modules, files: Object.keys(files), compression, level };
  writeFileSync(path(CONF), mkinitcpioConf({ ...settings, modular: tree !== undefined }));
}

/** A path of the root that is free to be written: what was there may be a link, which is never written through. */
function freed(path: string): string {
  mkdirSync(dirname(path), { recursive: true });
  rmSync(path, { force: true });
  return path;
}

/** What the hook dock0 reads at boot. */
function tablesOf({ volumes }: Config, timeout: number): Record<string, string> {
  return { '/etc/dock0/timeout': `${timeout}\n`, '/etc/dock0/volumes': volumesTable(volumes) };
}

/**
 * The modules to load before the hooks run, as far as the kernel has them. Without udev nobody else loads drivers; what
 * the root's own hooks and the user's need, mkinitcpio finds out itself.
 */
async function modulesOf(tree: ModuleTree, hooks: Hook[], context: BuildRun<Parts>): Promise<string[]> {
  const { config, run } = context;
  const ours = hooks.filter(({ builtin }) => builtin);
  const about = { run, root: '/', kernelVersion: tree.version };
  const installed = await Promise.all(ours.map((hook) => runInstallScript(hook, about)));
  const wanted = wantedModules(config, installed);
  reportMissing(tree, wanted, context);
  const names = [...wanted.drivers, ...wanted.necessary, ...wanted.optional];
  return [...new Set(names.flatMap((name) => modulesNamed(tree, name)).map(moduleName))];
}

async function make(
  { sandbox, root }: OpenLayer,
  tree: ModuleTree | undefined,
  { config, needs, log, progress }: BuildRun<Parts>,
): Promise<void> {
  const { hooks } = config.initramfs;
  const errors: string[] = [];
  const warnings: string[] = [];
  let ran = 0;
  const onLine = (line: string): void => {
    const { hook, warning, error } = saidBy(line);
    if (hook !== undefined) progress(ran++, hooks.length, hook);
    if (warning !== undefined) warnings.push(warning);
    if (error !== undefined) errors.push(error);
  };
  const args = [
    '--config',
    CONF,
    '--kernel',
    tree?.version ?? 'none',
    '--builddir',
    BUILD,
    '--generate',
    IMAGE,
  ];
  const env = { SOURCE_DATE_EPOCH: String(needs.pacstrap.meta.epoch) };
  try {
    await chroot(sandbox, root, ['sh', '-c', START, HOOKS, 'mkinitcpio', ...args], { env, onLine });
  } catch (error) {
    if (!(error instanceof CommandError) || errors.length === 0) throw error;
    const what = [...new Set(errors)].join('; ');
    throw new CommandError(error.command, error.code, error.output, `mkinitcpio: ${what}`);
  }
  for (const warning of new Set(warnings)) log(`mkinitcpio: ${warning}`);
}

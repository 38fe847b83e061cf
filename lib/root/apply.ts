import { chmodSync, lchownSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../config/schema';
import { codeOf, Dock0Error } from '../error';
import { chroot } from '../system/chroot';
import type { OpenLayer } from '../system/layer';
import { CommandError, failedAs } from '../system/process';
import type { Runner } from '../system/sandbox';
import { removeUsers } from './accounts';
import { checkUnits, idsOf, notFound, type Places, placeIn } from './existing';
import { placeFolders } from './folders';
import { globInRoot } from './glob';
import { generateLocale } from './locale';
import { entryInRoot, inRoot, realInRoot } from './path';
import { mountForPrograms } from './programs';
import { removeTraces } from './traces';
import { type Placed, place } from './tree';

/** What a configuration, or a host's own file, asks to be done to the root. */
export type Customization = Pick<
  Config,
  'overlay' | 'templates' | 'scripts' | 'permissions' | 'commands' | 'units' | 'cleanup'
>;

/** What a customization needs of the image's package manager. */
export interface PackageTools {
  /** Removes packages from the open root, with their configuration; returns the names of all that were removed. */
  removePackages: (packages: readonly string[], open: OpenLayer) => Promise<string[]>;
  /** Files that the package manager leaves behind and that differ from one build to the next. */
  traces: readonly string[];
}

/** Where a customization is applied, and what it may see. */
export interface Target extends PackageTools {
  open: OpenLayer;
  /** The configuration that templates, scripts and host commands see; undefined where there are none. */
  config: Config | undefined;
  /** Whether scripts and commands reach the network. */
  network: boolean;
  /** The locale to generate; undefined when the image needs none of its own. */
  locale?: string | undefined;
  /** Seconds since the epoch, given to scripts and commands as SOURCE_DATE_EPOCH. */
  epoch: number;
  tmp: string;
  /** Where the configuration states what is applied, for messages: by key, `commands.chroot.0`. */
  places: Places;
  log: (line: string) => void;
  run: Runner;
}

/**
 * Applies a customization to the open root: the generated `files`, overlay, templates, locale, permissions, units, scripts,
 * chroot and host commands, clean-up; in this order, so that what the user states wins over what is generated.
 *
 * @returns the names of the packages that were removed
 * @throws Dock0Error naming the file, command, unit or package at fault
 */
export async function applyCustomization(
  what: Customization,
  files: Placed[],
  target: Target,
): Promise<{ removed: string[] }> {
  const root = target.open.path('/');
  place(root, files);
  const setAttributes = await placeFolders(what, target);
  const commands = [...what.commands.chroot, ...what.commands.host];
  const units = Object.values(what.units).flat();
  const runs = [commands, what.cleanup.packages, units, what.scripts].some((each) => each.length > 0);
  if (runs || target.locale !== undefined) await mountForPrograms(target.open);
  if (target.locale !== undefined) await generateLocale(target.open, target.locale);
  setPermissions(what.permissions, target);
  // A change of its owner takes a file's capabilities away.
  await setAttributes();
  await setUnits(what.units, target);
  await explainingNetwork(target.network, async () => {
    await runScripts(what.scripts, target);
    await runCommands(what.commands, target);
  });
  const removed = await cleanUp(what.cleanup, target);
  removeTraces(root, target.traces);
  return { removed };
}

function setPermissions(permissions: Config['permissions'], { open, places }: Target): void {
  const root = open.path('/');
  for (const [path, { mode, owner }] of Object.entries(permissions)) {
    const file = realInRoot(root, path);
    const at = placeIn(places, `permissions.${path}`);
    if (file === undefined)
      throw new Dock0Error(`${at}: the image has no such file or folder`, {
        hint: '/etc/hostname is made last, and so is /etc/hosts, unless an overlay or a template has it.',
      });
    if (owner !== undefined) {
      const [user, group] = idsOf(root, owner, at);
      asStated(`permissions.${path}`, () => lchownSync(entryInRoot(root, path) ?? file, user, group));
    }
    if (mode !== undefined) asStated(`permissions.${path}`, () => chmodSync(file, Number.parseInt(mode, 8)));
  }
}

async function setUnits(units: Config['units'], { open, places }: Target): Promise<void> {
  checkUnits(open.path('/'), units, places);
  const verbs = [
    ['enable', units.enable],
    ['disable', units.disable],
    ['mask', units.mask],
  ] as const;
  for (const [verb, names] of verbs) {
    if (names.length === 0) continue;
    await chroot(open.sandbox, open.root, ['systemctl', verb, '--', ...names]);
  }
}

async function runScripts(folders: string[], target: Target): Promise<void> {
  for (const folder of folders) {
    for (const name of readdirSync(folder).sort()) {
      const script = join(folder, name);
      if (name.startsWith('.') || statSync(script).isDirectory()) continue;
      target.log(`script ${name}`);
      await onHost([script], folder, target);
    }
  }
}

async function runCommands(commands: Config['commands'], target: Target): Promise<void> {
  const { open, epoch, places } = target;
  for (const [index, command] of commands.chroot.entries()) {
    target.log(`chroot: ${shownCommand(command)}`);
    const at = placeIn(places, `commands.chroot.${index}`);
    await named(command, at, 'in the chroot', open.path('/'), () =>
      chroot(open.sandbox, open.root, words(command), { env: { SOURCE_DATE_EPOCH: String(epoch) } }),
    );
  }
  for (const [index, command] of commands.host.entries()) {
    target.log(`host: ${shownCommand(command)}`);
    const at = placeIn(places, `commands.host.${index}`);
    await named(command, at, 'on the host', '/', () => onHost(words(command), target.tmp, target));
  }
}

/** Scripts and host commands run in the sandbox, where the root is mounted. */
async function onHost(command: string[], cwd: string, target: Target): Promise<void> {
  const config = join(target.tmp, 'config.json');
  writeFileSync(config, JSON.stringify(target.config, null, 2), { mode: 0o600 });
  const env = {
    DOCK0_ROOT: target.open.root,
    DOCK0_CONFIG: config,
    SOURCE_DATE_EPOCH: String(target.epoch),
    TMPDIR: target.tmp,
  };
  const [program = '', ...args] = command;
  await target.open.sandbox.run(program, args, { cwd, env, foreign: true });
}

async function cleanUp(cleanup: Config['cleanup'], target: Target): Promise<string[]> {
  const { open, removePackages, places, log } = target;
  const root = open.path('/');
  const removed = await removePackages(cleanup.packages, open);
  removeUsers(root, cleanup.users, (index) => placeIn(places, `cleanup.users.${index}`));
  for (const [index, pattern] of cleanup.paths.entries()) {
    const found = globInRoot(root, pattern);
    if (found.length === 0)
      log(`warning: ${placeIn(places, `cleanup.paths.${index}`)}: has no effect: nothing matches ${pattern}`);
    for (const path of found)
      asStated(`cleanup.paths: ${path}`, () => rmSync(inRoot(root, path), { recursive: true, force: true }));
  }
  return removed;
}

/** What mount points and the files of the kernel answer to whoever changes or removes them. */
const MOUNTED = ['EBUSY', 'EROFS', 'EPERM', 'EACCES', 'ENOTDIR', 'ENOTEMPTY'];

/** What is mounted while programs run in the image (/dev, /proc and the like) is no part of it, and stays as it is. */
function asStated(key: string, change: () => void): void {
  try {
    change();
  } catch (error) {
    if (!MOUNTED.includes(codeOf(error) ?? '')) throw error;
    throw new Dock0Error(`${key} cannot be changed: it belongs to what is mounted while the image is built`, {
      hint: 'Commands and scripts find /dev, /proc, /sys, /run and /tmp mounted; the image has empty folders there.',
      cause: error,
    });
  }
}

/** A command given as a text is a shell line; one given as a list is run without a shell. */
function words(command: string | string[]): string[] {
  return typeof command === 'string' ? ['/bin/sh', '-e', '-c', command] : command;
}

function shownCommand(command: string | string[]): string {
  return typeof command === 'string' ? command.trim() : command.join(' ');
}

async function named(
  command: string | string[],
  at: string,
  where: string,
  root: string,
  use: () => Promise<unknown>,
): Promise<void> {
  try {
    await use();
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    const why = error.code === NOT_FOUND ? notFound(command, where, root) : '';
    throw failedAs(`${at}: the command "${shownCommand(command)}" failed ${where}`, error, why);
  }
}

/** What a shell and env(1) answer when there is no such program. */
const NOT_FOUND = 127;

/** What programs say that looked for a server, or wanted to reach one. */
const NO_NETWORK =
  /name resolution|could not resolve|name or service not known|network is unreachable|bad address|no address associated/i;

/** Says why a script or a command found no network, and how to give it one. */
async function explainingNetwork(network: boolean, use: () => Promise<void>): Promise<void> {
  try {
    await use();
  } catch (error) {
    if (network || !(error instanceof CommandError) || !NO_NETWORK.test(error.output)) throw error;
    throw new Dock0Error(error.message, {
      hint: 'Scripts and commands have no network; `commands: {network: true}` gives them one.',
      cause: error,
    });
  }
}

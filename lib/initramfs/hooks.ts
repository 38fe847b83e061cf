import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { packageFolder } from '../config/paths';
import type { Wrong } from '../config/problems';
import type { Config } from '../config/schema';
import { didYouMean } from '../config/suggest';
import { Dock0Error } from '../error';

/** A hook of the initramfs: a script that runs at boot, one that runs at build time, or both. */
export interface Hook {
  name: string;
  /** The folder it was found in. */
  folder: string;
  /** `<folder>/<name>`: defines run_hook and the like. */
  script: string | undefined;
  /** `<folder>/<name>.install`: names what to add to the initramfs. */
  install: string | undefined;
  /** Shipped with this package. */
  builtin: boolean;
}

/** The phases of /init, under mkinitcpio's names in /config. */
export interface HookPhases {
  EARLYHOOKS: string[];
  HOOKS: string[];
  LATEHOOKS: string[];
  CLEANUPHOOKS: string[];
}

/** The hooks that dock0's consists of, besides the one of that name. */
export const DOCK0_HOOKS: readonly string[] = [
  'dock0-trial',
  'dock0-disks',
  'dock0-partitions',
  'dock0-volumes',
  'dock0-state',
  'dock0-clock',
];

/** What they have besides where the release comes over the network. */
export const NETBOOT_HOOK = 'dock0-netboot';

/** The folder of the hooks that come with this package; it holds `init` as well. */
export function builtinHooks(): string {
  return join(packageFolder(), 'hooks');
}

/**
 * Finds hooks by name; a user's own win over built-in ones, an earlier folder over a later one.
 *
 * @param folders the user's folders of hooks, absolute
 * @throws Dock0Error naming an unknown hook, one with a similar name, and the folders searched
 */
export function findHooks(names: readonly string[], folders: readonly string[]): Hook[] {
  const places = [...folders, builtinHooks()];
  return [...new Set(names)].map((name) => {
    const found = findHook(name, places);
    if (found !== undefined) return found;
    const where = places.map((place) => relative(process.cwd(), place) || '.').join(', ');
    throw new Dock0Error(`initramfs.hooks: ${noHook(name, places)}`, {
      hint: `Searched for ${name} and ${name}.install in ${where}; initramfs.hooks_dir adds a folder.`,
    });
  });
}

/**
 * Reports hooks that there are not, as far as that is known before the image: mkinitcpio has hooks of its own. Those know
 * nothing of releases, so one of ours or of the user's has to mount the root.
 */
export function checkHooks({ initramfs }: Pick<Config, 'initramfs'>, wrong: Wrong): void {
  const { builder, hooks, hooks_dir: folders } = initramfs;
  const places = [...folders, builtinHooks()];
  const found = hooks.map((name) => findHook(name, places));
  if (builder === 'dock0')
    for (const [at, name] of hooks.entries()) {
      const keys = ['initramfs', 'hooks', String(at)];
      if (hooks.indexOf(name) < at)
        wrong(keys, `expected each hook once, found ${JSON.stringify(name)} twice`);
      else if (found[at] === undefined) wrong(keys, noHook(name, places));
    }
  if (builder === 'dock0' && found.includes(undefined)) return;
  if (!found.some((hook) => hook !== undefined && mountsRoot(hook)))
    wrong(
      ['initramfs', 'hooks'],
      'no hook mounts the root: the machine would stop in the initramfs; add "dock0", or a hook of your own in initramfs.hooks_dir that sets mount_handler',
    );
}

function noHook(name: string, places: readonly string[]): string {
  const near = didYouMean(name, places.flatMap(hookNames));
  return `there is no hook "${name}"${near === undefined ? '' : `; did you mean "${near}"?`}`;
}

/** The hook with this name in the first folder that has it. */
export function findHook(name: string, folders: readonly string[]): Hook | undefined {
  if (name === INIT) return undefined;
  for (const folder of folders) {
    const script = fileAt(join(folder, name));
    const install = fileAt(join(folder, `${name}.install`));
    const builtin = folder === builtinHooks();
    if ((script ?? install) !== undefined) return { name, folder, script, install, builtin };
  }
  return undefined;
}

function mountsRoot({ script }: Hook): boolean {
  return script !== undefined && /^[^#]*\bmount_handler=/m.test(readFileSync(script, 'utf8'));
}

/**
 * The phases each hook takes part in, by the functions that its script defines. A script that only sets
 * `mount_handler` belongs to `run_hook`'s phase.
 */
export function hookPhases(hooks: readonly Hook[]): HookPhases {
  const having = (pattern: RegExp): string[] =>
    hooks
      .filter(({ script }) => script !== undefined && pattern.test(readFileSync(script, 'utf8')))
      .map(({ name }) => name);
  return {
    EARLYHOOKS: having(/^\s*(function\s+)?run_earlyhook\s*(\(\)|\{)/m),
    HOOKS: having(/^\s*(function\s+)?run_hook\s*(\(\)|\{)|^mount_handler=/m),
    LATEHOOKS: having(/^\s*(function\s+)?run_latehook\s*(\(\)|\{)/m),
    CLEANUPHOOKS: having(/^\s*(function\s+)?run_cleanuphook\s*(\(\)|\{)/m),
  };
}

const INIT = 'init';

/** The names of the hooks in a folder. */
function hookNames(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder).filter((file) => fileAt(join(folder, file)) !== undefined);
  return files.map((file) => file.replace(/\.install$/, '')).filter((name) => name !== INIT);
}

function fileAt(path: string): string | undefined {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ? path : undefined;
}

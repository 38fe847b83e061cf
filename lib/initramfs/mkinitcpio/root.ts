import { lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { didYouMean } from '../../config/suggest';
import { Dock0Error } from '../../error';
import { inRoot, realInRoot } from '../../root/path';
import { readInRoot } from '../../root/tree';
import { builtinHooks, DOCK0_HOOKS, findHook, type Hook } from '../hooks';

/** Where mkinitcpio's package keeps hooks, and where the machine's owner does; the latter wins. */
const LIBRARY = 'usr/lib/initcpio';
const LOCAL = 'etc/initcpio';

/** Our hooks that a root's own mkinitcpio gets. */
const OURS = ['dock0', ...DOCK0_HOOKS];

/** The hooks to install in the root: those of the user's folders, and ours. All others are the root's own. */
export function hooksToInstall(names: readonly string[], folders: readonly string[]): Hook[] {
  return [...new Set(names)].flatMap((name) => {
    const found = findHook(name, OURS.includes(name) ? [...folders, builtinHooks()] : folders);
    return found === undefined ? [] : [found];
  });
}

/**
 * Checks that the root has mkinitcpio and the hooks that the configuration names.
 *
 * @param root the folder that holds the root
 * @throws Dock0Error when mkinitcpio or a hook is missing, or when hooks exclude each other
 */
export function checkRoot(root: string, names: readonly string[], installed: readonly Hook[]): void {
  if (realInRoot(root, 'usr/bin/mkinitcpio') === undefined) {
    throw new Dock0Error('initramfs.builder: the root has no mkinitcpio', {
      hint: 'Add mkinitcpio to `packages`, and keep it out of `cleanup`; or use the builder "dock0".',
    });
  }
  const own = [LIBRARY, LOCAL].flatMap((folder) => namesIn(realInRoot(root, `${folder}/install`)));
  const known = [...new Set([...own, 'dock0', ...installed.map(({ name }) => name)])].sort();
  const unknown = names.find((name) => !known.includes(name));
  if (unknown === undefined && names.includes('systemd') && names.includes('dock0')) {
    throw new Dock0Error('initramfs.hooks: with the hook systemd, scripts such as dock0 do not run', {
      hint: 'Use udev instead of systemd, and keymap and encrypt instead of sd-vconsole and sd-encrypt.',
    });
  }
  if (unknown === undefined) {
    if (names.includes('udev')) requireHardwareDatabases(root);
    return;
  }
  const near = didYouMean(unknown, known);
  const meant = near === undefined ? '' : `; did you mean "${near}"?`;
  throw new Dock0Error(`initramfs.hooks: there is no hook "${unknown}"${meant}`, {
    hint: `Known hooks: ${known.join(', ')}; initramfs.hooks_dir adds a folder.`,
  });
}

/** What mkinitcpio's hook udev (since version 41) adds; each is made by another call of systemd-hwdb. */
const HARDWARE_DATABASES = ['usr/lib/udev/hwdb.bin', 'etc/udev/hwdb.bin'];

function requireHardwareDatabases(root: string): void {
  const hook = [LOCAL, LIBRARY].flatMap((folder) => readInRoot(root, `${folder}/install/udev`) ?? [])[0];
  const lacking = HARDWARE_DATABASES.filter(
    (path) => hook?.includes(path) && realInRoot(root, path) === undefined,
  );
  if (lacking.length === 0) return;
  const names = lacking.map((path) => `/${path}`).join(' and ');
  throw new Dock0Error(`initramfs.hooks: the hook udev adds ${names}, which the root lacks`, {
    hint: '`systemd-hwdb update` makes the one in /etc, `systemd-hwdb --usr update` the other: commands: {chroot: [[systemd-hwdb, update], [systemd-hwdb, --usr, update]]}.',
  });
}

function namesIn(folder: string | undefined): string[] {
  return folder !== undefined && lstatSync(folder).isDirectory() ? readdirSync(folder) : [];
}

/**
 * Puts a hook where the root's mkinitcpio finds it, in place of one of the same name. A hook in mkinitcpio's form stays
 * as it is; one in a form that only dock0's own builder accepts is completed: without an install script, without
 * `add_runscript`, with calls outside of `build`, or with a script that only sets `mount_handler`.
 */
export function installHook({ name, script, install }: Hook, root: string): void {
  const text = install === undefined ? '' : readFileSync(install, 'utf8');
  const complete = script === undefined || /^[^#]*\badd_runscript\b/m.test(text);
  const put = (kind: string, content: string): void => {
    rmSync(inRoot(root, `${LOCAL}/${kind}/${name}`), { force: true });
    const path = inRoot(root, `${LIBRARY}/${kind}/${name}`);
    mkdirSync(dirname(path), { recursive: true });
    // It may be a link, which must not be written through.
    rmSync(path, { force: true });
    writeFileSync(path, content, { mode: 0o755 });
  };
  put(
    'install',
    complete && /^\s*(function\s+)?build\b/m.test(text) ? text : `${text}\n${completion(complete)}`,
  );
  if (script === undefined) return;
  const content = readFileSync(script, 'utf8');
  const runs = /^\s*run_[a-z]+\s*\(\s*\)/m.test(content);
  put('hooks', runs ? content : `${content}\nrun_hook() { :; }\n`);
}

/** The rest of an install script. mkinitcpio names a hook's script by the file that calls add_runscript. */
function completion(complete: boolean): string {
  return `if declare -f build >/dev/null; then eval "dock0_$(declare -f build)"; else dock0_build() { :; }; fi
build() {
  dock0_build
  ${complete ? ':' : 'add_runscript'}
}
`;
}

/** Removes the hooks that run after the image is made: they sign and copy files of a machine's own disk. */
export function dropPostHooks(root: string): void {
  for (const folder of [LIBRARY, LOCAL])
    rmSync(inRoot(root, `${folder}/post`), { recursive: true, force: true });
}

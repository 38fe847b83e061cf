import { lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { didYouMean } from '../../config/suggest';
import { Dock0Error } from '../../error';
import { inRoot } from '../../root/path';
import { type Compression, compressionLevel } from '../../streams/compress';
import { builtinHooks, findHook, type Hook } from '../hooks';

/** Where mkinitcpio's package keeps hooks, and where the machine's owner does; the latter is looked into first. */
const LIBRARY = 'usr/lib/initcpio';
const LOCAL = 'etc/initcpio';

/** What a mkinitcpio.conf(5) of ours says. */
export interface MkinitcpioSettings {
  hooks: readonly string[];
  /** Modules that are loaded before the hooks run; the kernel has to have them as modules. */
  modules: readonly string[];
  /** Files of the root that keep their path. */
  files: readonly string[];
  compression: Compression;
  level: number | undefined;
  /** False for a kernel that has all built in. */
  modular: boolean;
}

/** The text of a mkinitcpio.conf. */
export function mkinitcpioConf(settings: MkinitcpioSettings): string {
  const { compression, level } = settings;
  const lines: [string, readonly string[]][] = [
    ['MODULES', settings.modules],
    ['BINARIES', []],
    ['FILES', settings.files],
    ['HOOKS', settings.hooks],
    ['COMPRESSION_OPTIONS', optionsOf(compression, level)],
  ];
  const program = compression === 'none' ? 'cat' : compression;
  // Without modules mkinitcpio does not know the kernel's version and takes it for one before zstd (Linux 5.9), unless
  // the program is none that it knows.
  const path = settings.modular || compression === 'none' ? program : `/usr/bin/${program}`;
  return [
    ...lines.map(([name, words]) => `${name}=(${words.map(quoted).join(' ')})\n`),
    `COMPRESSION=${quoted(path)}\n`,
  ].join('');
}

/** One thread, no name and no time in the header: the same bytes give the same bytes. */
function optionsOf(compression: Compression, level: number | undefined): string[] {
  if (compression === 'none') return [];
  return [
    compression === 'zstd' ? '--single-thread' : '--no-name',
    `-${compressionLevel(compression, level)}`,
  ];
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

/** The hooks that are ours to install: those of the user's folders, and `dock0`. All others are the root's own. */
export function hooksToInstall(names: readonly string[], folders: readonly string[]): Hook[] {
  return [...new Set(names)].flatMap((name) => {
    const found = findHook(name, name === 'dock0' ? [...folders, builtinHooks()] : folders);
    return found === undefined ? [] : [found];
  });
}

/**
 * Whether the root has all that is asked for.
 *
 * @param root the folder that holds the root
 * @throws Dock0Error when it has no mkinitcpio, when neither it nor we have a hook, or when hooks can't go together
 */
export function checkRoot(root: string, names: readonly string[], installed: readonly Hook[]): void {
  if (lstatSync(inRoot(root, 'usr/bin/mkinitcpio'), { throwIfNoEntry: false }) === undefined) {
    throw new Dock0Error('initramfs.builder: the root has no mkinitcpio', {
      hint: 'Add mkinitcpio to `packages`, and keep it out of `cleanup`; or take the builder "dock0".',
    });
  }
  const own = [LIBRARY, LOCAL].flatMap((place) => namesIn(inRoot(root, `${place}/install`)));
  const known = [...new Set([...own, 'dock0', ...installed.map(({ name }) => name)])].sort();
  const unknown = names.find((name) => !known.includes(name));
  if (unknown === undefined && names.includes('systemd') && names.includes('dock0')) {
    throw new Dock0Error(
      'initramfs.hooks: where systemd is the first program, no script such as dock0 is run',
      {
        hint: 'Take udev instead of systemd, and keymap and encrypt instead of sd-vconsole and sd-encrypt.',
      },
    );
  }
  if (unknown === undefined) return;
  const near = didYouMean(unknown, known);
  const meant = near === undefined ? '' : `; did you mean "${near}"?`;
  throw new Dock0Error(`initramfs.hooks: there is no hook "${unknown}"${meant}`, {
    hint: `There is ${known.join(', ')}; initramfs.hooks_dir adds a folder.`,
  });
}

function namesIn(folder: string): string[] {
  return lstatSync(folder, { throwIfNoEntry: false })?.isDirectory() ? readdirSync(folder) : [];
}

/**
 * Puts a hook where the root's mkinitcpio finds it, above one of the same name. A hook in mkinitcpio's form stays as it
 * is; what dock0's own builder takes besides (no install script, none that names the hook's script, calls outside of
 * `build`, a script that only sets `mount_handler`) is completed.
 */
export function installHook({ name, script, install }: Hook, root: string): void {
  const text = install === undefined ? '' : readFileSync(install, 'utf8');
  const complete = script === undefined || /^[^#]*\badd_runscript\b/m.test(text);
  const put = (kind: string, content: string): void => {
    rmSync(inRoot(root, `${LOCAL}/${kind}/${name}`), { force: true });
    const path = inRoot(root, `${LIBRARY}/${kind}/${name}`);
    mkdirSync(dirname(path), { recursive: true });
    // Never written through: it may be a link.
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

/** Takes out what would be run after the image is made: it signs and copies what is on a machine's own disk. */
export function dropPostHooks(root: string): void {
  for (const place of [LIBRARY, LOCAL])
    rmSync(inRoot(root, `${place}/post`), { recursive: true, force: true });
}

/** What a line of mkinitcpio's output says of how far it is or of what is wrong; the text alone. */
export function saidBy(line: string): { hook?: string; warning?: string; error?: string } {
  const [, kind, text] = /^==> (WARNING|ERROR): (.*)$/.exec(line.trim()) ?? [];
  if (text !== undefined) return kind === 'ERROR' ? { error: text } : { warning: text };
  const hook = /Running build hook: \[(?:.*\/)?([^\]/]+)\]/.exec(line)?.[1];
  return hook === undefined ? {} : { hook };
}

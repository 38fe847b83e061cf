import { createReadStream, statSync } from 'node:fs';
import { join } from 'node:path';
import { Dock0Error } from '../error';
import type { Entry } from '../streams/entry';
import type { Addition } from './additions';
import { builtinHooks, type Hook, hookPhases } from './hooks';
import { type Tabled, tables } from './tables';

/** A kernel module, ready to load. */
export interface ModuleFile {
  /** Relative to the module folder, without a compression suffix: `kernel/fs/ext4/ext4.ko`. */
  file: string;
  /** The uncompressed module. */
  source: string;
  /** The files it needs, as modules.dep(5) has them. */
  needs: string[];
}

/** The modules of an initramfs. */
export interface KernelModules {
  version: string;
  files: ModuleFile[];
  /** Names of the modules to load at the start, in this order. */
  load: string[];
  /** Names of disk drivers to try, in this order, while a disk is missing. */
  drivers: string[];
  /** Those of network cards, in the same way. */
  cards: string[];
  /** The table of the drivers of disks that are left out (`absentDrivers`). */
  absent: string;
}

/** Everything that goes into an initramfs. */
export interface InitramfsParts extends Tabled {
  hooks: Hook[];
  additions: Addition[];
  modules: KernelModules | undefined;
  /** What lsinitcpio(1) shows: who made it, and the configuration as mkinitcpio.conf(5) has it. */
  made: { by: string; of: string };
}

const LINKS: Record<string, string> = {
  bin: 'usr/bin',
  sbin: 'usr/bin',
  lib: 'usr/lib',
  lib64: 'usr/lib64',
  'usr/sbin': 'bin',
};

/**
 * The files of an initramfs, in the order of their paths, so that the same parts give the same archive.
 *
 * /usr is merged, as in the systems it boots: /bin, /sbin and /usr/sbin are /usr/bin, /lib is /usr/lib.
 *
 * @throws Dock0Error when two hooks add different things at one path, or no hook adds a shell
 */
export function initramfsEntries(parts: InitramfsParts): Entry[] {
  const entries = new Map<string, Entry>();
  const put = (entry: Entry): void => {
    const before = entries.get(entry.path);
    if (before !== undefined && !alike(before, entry)) {
      throw new Dock0Error(`initramfs: two hooks add different things as /${entry.path}`);
    }
    if (before === undefined) entries.set(entry.path, entry);
  };
  for (const [path, target] of Object.entries(LINKS)) put({ type: 'symlink', path, mode: 0o777, target });
  for (const path of ['usr/bin', 'usr/lib', 'usr/lib64']) put({ type: 'directory', path, mode: 0o755 });
  // The kernel opens it for /init before anything is mounted.
  put({ type: 'character', path: 'dev/console', mode: 0o600, major: 5, minor: 1 });
  put(fileEntry('init', join(builtinHooks(), 'init'), 0o755));
  for (const addition of parts.additions) put(entryOf(addition));
  for (const { name, script } of parts.hooks) {
    if (script !== undefined) put(fileEntry(`hooks/${name}`, script, 0o755));
  }
  put(textEntry('config', configOf(parts)));
  put(textEntry('VERSION', parts.made.by));
  put(textEntry('buildconfig', parts.made.of));
  for (const [path, text] of Object.entries(tables(parts, parts.modules?.absent ?? '')))
    put(textEntry(path, text));
  for (const entry of moduleEntries(parts.modules)) put(entry);
  if (!entries.has('usr/bin/sh')) {
    throw new Dock0Error('initramfs.hooks: no hook adds /bin/sh, which /init needs', {
      hint: 'Add the hook "base", or one of your own that adds a static busybox as /usr/bin/busybox and links sh to it.',
    });
  }
  return [...entries.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

function configOf({ hooks, modules }: InitramfsParts): string {
  const { load = [], drivers = [], cards = [] } = modules ?? {};
  const lines = {
    MODULES: load,
    DRIVERS: drivers,
    ...(cards.length === 0 ? {} : { CARDS: cards }),
    ...hookPhases(hooks),
  };
  return Object.entries(lines)
    .map(([key, words]) => `${key}="${words.join(' ')}"\n`)
    .join('');
}

function moduleEntries(modules: InitramfsParts['modules']): Entry[] {
  if (modules === undefined || modules.files.length === 0) return [];
  const folder = `usr/lib/modules/${modules.version}`;
  const table = modules.files.map(({ file, needs }) => `${[`${file}:`, ...needs].join(' ')}\n`);
  return [
    textEntry(`${folder}/modules.dep`, table.join('')),
    ...modules.files.map(({ file, source }) => fileEntry(`${folder}/${file}`, source, 0o644)),
  ];
}

function entryOf(addition: Addition): Entry {
  const path = merged(addition.path);
  if (addition.kind === 'file') return fileEntry(path, addition.source, addition.mode);
  if (addition.kind === 'symlink') return { type: 'symlink', path, mode: 0o777, target: addition.target };
  return { type: 'directory', path, mode: addition.mode };
}

/** The path below the merged /usr, relative: no file's path may pass through one of the links. */
function merged(path: string): string {
  const plain = path
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/');
  if (/^(usr\/)?s?bin(\/|$)/.test(plain)) return plain.replace(/^(usr\/)?s?bin/, 'usr/bin');
  return plain.replace(/^(lib(64)?)(?=\/|$)/, 'usr/$1');
}

function fileEntry(path: string, source: string, mode: number): Entry {
  return {
    type: 'file',
    path,
    mode,
    content: { size: statSync(source).size, open: () => createReadStream(source) },
  };
}

function textEntry(path: string, text: string): Entry {
  return { type: 'file', path, mode: 0o644, content: Buffer.from(text) };
}

/** Folders, equal links and libraries may be added more than once; other files may not. */
function alike(a: Entry, b: Entry): boolean {
  if (a.type === 'file' && b.type === 'file') return a.path.startsWith('usr/lib');
  if (a.type === 'symlink' && b.type === 'symlink') return a.target === b.target;
  return a.type === 'directory' && b.type === 'directory';
}

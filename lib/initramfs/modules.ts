import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { codeOf, Dock0Error } from '../error';

/** What depmod(8) wrote to a kernel's module folder, as far as loading needs it. */
export interface ModuleTree {
  /** The kernel's release, as `uname -r` prints it. */
  version: string;
  /** The folder `usr/lib/modules/<version>`, absolute. */
  folder: string;
  /** A module's name -> its file, relative to `folder` (`kernel/fs/ext4/ext4.ko.xz`). */
  files: Map<string, string>;
  /** A file -> the files it needs, the first to load at the end (modules.dep(5)). */
  dependencies: Map<string, string[]>;
  /** A module's name -> names or aliases to load before and after it (`softdep` in modprobe.d(5)). */
  soft: Map<string, string[]>;
  /** Names of modules that are part of the kernel (modules.builtin). */
  builtin: Set<string>;
  /** Aliases without wildcards -> names of modules: `crypto-crc32c`. */
  aliases: Map<string, string[]>;
}

/** Modules in loading order, and those that are missing. */
export interface Closure {
  /** Files relative to the tree's folder. */
  files: string[];
  /** Names asked for that are neither a module nor built in. */
  missing: string[];
}

/**
 * Reads the module folder of a kernel.
 *
 * @param modules a tree with `usr/lib/modules/<version>`, after depmod
 * @throws Dock0Error when there is no such folder, more than one, or no modules.dep
 */
export function readModuleTree(modules: string): ModuleTree {
  const parent = join(modules, 'usr/lib/modules');
  const versions = list(parent);
  const [version] = versions;
  if (version === undefined || versions.length > 1) {
    throw new Dock0Error(`${parent}: expected one kernel's folder, found ${versions.length}`);
  }
  const folder = join(parent, version);
  const text = read(join(folder, 'modules.dep'));
  if (text === undefined) {
    throw new Dock0Error(`${folder} has no modules.dep`, {
      hint: `depmod -b ${modules}/usr ${version} writes it.`,
    });
  }
  const files = new Map<string, string>();
  const dependencies = new Map<string, string[]>();
  for (const line of lines(text)) {
    const colon = line.indexOf(':');
    const file = line.slice(0, colon);
    files.set(moduleName(file), file);
    dependencies.set(
      file,
      line
        .slice(colon + 1)
        .split(' ')
        .filter(Boolean),
    );
  }
  const builtin = new Set(lines(read(join(folder, 'modules.builtin')) ?? '').map(moduleName));
  return {
    version,
    folder,
    files,
    dependencies,
    builtin,
    soft: softDependencies(read(join(folder, 'modules.softdep')) ?? ''),
    aliases: plainAliases(read(join(folder, 'modules.alias')) ?? ''),
  };
}

/**
 * The modules to load for `wanted`, with their dependencies, in an order that works for insmod(8).
 *
 * @param wanted names; `-` and `_` are the same
 */
export function closureOf(tree: ModuleTree, wanted: Iterable<string>): Closure {
  const files = new Set<string>();
  const visiting = new Set<string>();
  const missing: string[] = [];
  const add = (file: string): void => {
    if (files.has(file) || visiting.has(file)) return;
    visiting.add(file);
    for (const needed of [...(tree.dependencies.get(file) ?? [])].reverse()) add(needed);
    for (const soft of tree.soft.get(moduleName(file)) ?? [])
      for (const each of modulesNamed(tree, soft)) add(each);
    files.add(file);
  };
  for (const name of wanted) {
    const found = modulesNamed(tree, name);
    if (found.length === 0 && !tree.builtin.has(moduleName(name))) missing.push(name);
    for (const file of found) add(file);
  }
  return { files: [...files], missing };
}

/** The name of a module from its file or from a name with `-`: `kernel/drivers/block/xen-blkfront.ko` -> `xen_blkfront`. */
export function moduleName(file: string): string {
  return file
    .slice(file.lastIndexOf('/') + 1)
    .replace(/\.ko(\.(gz|xz|zst))?$/, '')
    .replaceAll('-', '_');
}

/** The files of the modules with a name or an alias; none when there is no such module. */
export function modulesNamed(tree: ModuleTree, name: string): string[] {
  const own = tree.files.get(moduleName(name));
  if (own !== undefined) return [own];
  const named = tree.aliases.get(name) ?? [];
  return named.flatMap((each) => tree.files.get(moduleName(each)) ?? []);
}

/** `softdep NAME pre: A B post: C`; names without `pre:` or `post:` before them are loaded as well. */
function softDependencies(text: string): Map<string, string[]> {
  const soft = new Map<string, string[]>();
  for (const line of lines(text)) {
    const [word, name, ...rest] = line.split(/\s+/);
    if (word !== 'softdep' || name === undefined) continue;
    const names = rest.filter((each) => each !== 'pre:' && each !== 'post:');
    soft.set(moduleName(name), [...(soft.get(moduleName(name)) ?? []), ...names]);
  }
  return soft;
}

function plainAliases(text: string): Map<string, string[]> {
  const aliases = new Map<string, string[]>();
  for (const line of lines(text)) {
    const [word, alias, name] = line.split(' ');
    if (word !== 'alias' || alias === undefined || name === undefined || /[*?[]/.test(alias)) continue;
    aliases.set(alias, [...(aliases.get(alias) ?? []), name]);
  }
  return aliases;
}

function lines(text: string): string[] {
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  }
}

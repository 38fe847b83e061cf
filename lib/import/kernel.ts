import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { hostPath, isKeys, type Keys, keysOf, type Mapped, stackPath, textsOf } from './stack';

/** The words of dock0's kernel command line that name the device for writes, the newest first. */
export const COW_OPTIONS = ['cow_dev', 'rw_dev', 'cow_device'];

/** The words of dock0's kernel command line that its initramfs hook read, and what replaces them. */
const OPTIONS: Record<string, string> = {
  root: '`dock0.root` is set by the build (install.label)',
  archisodevice: '`dock0.root` is set by the build (install.label)',
  archisobasedir: 'releases are in /dock0 on their disk',
  ...Object.fromEntries(COW_OPTIONS.map((name) => [name, 'install.cow sets where writes go'])),
  cow_directory: 'not carried over: writes have their own folder on the file system of install.cow',
  cow_persistent: 'not carried over: install.cow keeps writes; without it they are lost at reboot',
  cowfile_size: 'not carried over: install.cow is a whole file system or memory, not a file with a size',
};

const KNOWN = ['version', 'revision', 'configs', 'tmpdir', 'initcpio_helpers', 'modules', 'options'];

/** Maps `kernel`: dock0 built it from source with roller, from one .config per version. */
export function mapKernel(all: Keys, folder: string): Mapped {
  if (!('kernel' in all))
    return {
      keys: { kernel: { provider: 'package' } },
      notes: ["kernel: not set; the distribution's kernel is used"],
    };
  const notes: string[] = [];
  const old = keysOf(all.kernel);
  const kernel: Keys = old.version === undefined ? {} : mapSource(old, String(old.version), folder, notes);
  const revision = old.revision === undefined ? undefined : `_${String(old.revision)}`;
  if (revision !== undefined && /^[\w.+-]+$/.test(revision)) kernel.revision = revision;
  else if (revision !== undefined)
    notes.push(`kernel.revision: ${revision} can't be part of a version; left out`);
  const cmdline = mapOptions(old, notes);
  if (cmdline.length > 0) kernel.cmdline = cmdline;
  if ('tmpdir' in old) notes.push('kernel.tmpdir: not needed; sources and objects are in the cache');
  if ('initcpio_helpers' in old) {
    notes.push(
      'kernel.initcpio_helpers: the hook dock0 is built in; put your own into a folder of initramfs.hooks_dir',
    );
  }
  const modules = textsOf(old.modules).flatMap((each) => each.split(','));
  const gone = modules
    .map((each) => each.trim())
    .filter((each) => !['', 'base', 'udev', 'dock0'].includes(each));
  if (gone.length > 0)
    notes.push(
      `kernel.modules: the initramfs hooks ${gone.join(', ')} are mkinitcpio's; initramfs.builder: mkinitcpio has them`,
    );
  for (const key of Object.keys(old))
    if (!KNOWN.includes(key)) notes.push(`kernel.${key}: no equivalent here`);
  return { keys: { kernel }, notes };
}

/** Maps a host's `kernel`, which dock0 merged over the shared one, to the keys that differ. */
export function mapHostKernel(shared: Keys, own: Keys, folder: string): Mapped {
  const [below, above] = [keysOf(shared.kernel), keysOf(own.kernel)];
  const options = { ...keysOf(below.options), ...keysOf(above.options) };
  const before = mapKernel(shared, folder);
  const { keys, notes } = mapKernel({ kernel: { ...below, ...above, options } }, folder);
  const mine = keysOf(keys.kernel);
  const known = new Map(Object.entries(keysOf(before.keys.kernel)).map(([key, value]) => [key, json(value)]));
  const kernel: Keys = Object.fromEntries(
    Object.entries(mine).filter(([key, value]) => known.get(key) !== json(value)),
  );
  // What only the shared kernel has, such as a .config for another version, gets its default.
  for (const key of known.keys()) if (!(key in mine)) kernel[key] = null;
  if (typeof kernel.base === 'string') kernel.base = hostPath(kernel.base);
  return {
    keys: Object.keys(kernel).length === 0 ? {} : { kernel },
    notes: notes.filter((note) => !before.notes.includes(note)),
  };
}

/**
 * The kernel's source and configuration. Later stacks have VERSION_REVISION, the name of a kernel built elsewhere; the
 * revision is the local version here too.
 */
function mapSource(old: Keys, stated: string, folder: string, notes: string[]): Keys {
  const kernel: Keys = { provider: 'source' };
  const [, line, patch = '', candidate = '', revision] =
    /^(\d+\.\d+)(\.\d+)?(-rc\d+)?(?:_([\w.+-]+))?$/.exec(stated) ?? [];
  // Since 3.0, the first release of a series has no third number.
  const release =
    line === undefined ? undefined : line + (patch === '.0' && !/^[0-2]\./.test(line) ? '' : patch);
  kernel.source = { version: release ?? 'longterm' };
  if (release === undefined)
    notes.push(`kernel.version: ${stated} is not a version of kernel.org; "longterm" is used`);
  else if (candidate !== '')
    notes.push(
      `kernel.version: ${stated} was a release candidate, which kernel.org no longer has; ${release} is used`,
    );
  else if (revision !== undefined)
    notes.push(
      `kernel.version: ${stated} becomes kernel.source.version ${release} and kernel.revision _${revision}`,
    );
  if (release !== undefined && /^[0-4]\./.test(release))
    notes.push(`kernel.version: ${release} is no longer maintained; "longterm" is the newest that is`);
  if (release !== undefined && /^[0-3]\./.test(release))
    notes.push(`kernel.version: ${release} can't stack several layers; a release needs Linux 4.0 or later`);
  if (revision !== undefined) kernel.revision = `_${revision}`;
  const names = [stated, stated.replace(/_.*$/, '')];
  const config =
    typeof old.configs === 'string'
      ? names.map((name) => join(String(old.configs), name)).find((path) => existsSync(resolve(folder, path)))
      : undefined;
  if (config !== undefined) return { ...kernel, base: stackPath(config) };
  notes.push(`kernel.configs: no .config for ${stated}; fragments of configs/kernel are used`);
  return { ...kernel, fragments: ['boot', 'squashfs', 'docker', 'kvm'] };
}

/** The kernel command line: the options as `NAME=VALUE` words, without those that dock0's hook read. */
function mapOptions(old: Keys, notes: string[]): string[] {
  if ('options' in old && old.options !== null && !isKeys(old.options))
    notes.push('kernel.options: not a map of names and values; left out');
  const cmdline: string[] = [];
  for (const [name, value] of Object.entries(keysOf(old.options))) {
    const instead = OPTIONS[name];
    if (instead !== undefined) notes.push(`kernel.options.${name}: ${instead}`);
    else if (Array.isArray(value) || isKeys(value))
      notes.push(`kernel.options.${name}: not a single value; left out`);
    else if (value === null || value === true) cmdline.push(name);
    else cmdline.push(...`${name}=${String(value)}`.split(/\s+/).filter((word) => word !== ''));
  }
  return cmdline;
}

function json(value: unknown): string {
  return JSON.stringify(value);
}

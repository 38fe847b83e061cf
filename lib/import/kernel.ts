import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { hostPath, isKeys, type Keys, keysOf, type Mapped, stackPath, textsOf } from './stack';

/** The words of dock0's kernel command line that name what writes go to, the newest first. */
export const COW_OPTIONS = ['cow_dev', 'rw_dev', 'cow_device'];

/** Words of dock0's kernel command line that its initramfs hook read, and what is in their place. */
const OPTIONS: Record<string, string> = {
  root: '`dock0.root` is set by the build (install.label)',
  archisodevice: '`dock0.root` is set by the build (install.label)',
  archisobasedir: 'releases lie in /dock0 on their disk',
  ...Object.fromEntries(COW_OPTIONS.map((name) => [name, 'install.cow says where writes go'])),
  cow_directory: "can't be taken over: writes have a folder of their own on the file system of install.cow",
  cow_persistent:
    "can't be taken over: install.cow keeps what is written; without it, writes are gone after a reboot",
  cowfile_size: "can't be taken over: install.cow is a whole file system or memory, not a file of a size",
};

const KNOWN = ['version', 'revision', 'configs', 'tmpdir', 'initcpio_helpers', 'modules', 'options'];

/** Maps `kernel`: dock0 rolled it from source with roller, out of one .config a version. */
export function mapKernel(all: Keys, folder: string): Mapped {
  if (!('kernel' in all))
    return {
      keys: { kernel: { provider: 'package' } },
      notes: ["kernel: none stated; the distribution's is taken"],
    };
  const notes: string[] = [];
  const old = keysOf(all.kernel);
  const kernel: Keys = old.version === undefined ? {} : mapSource(old, String(old.version), folder, notes);
  const revision = old.revision === undefined ? undefined : `_${String(old.revision)}`;
  if (revision !== undefined && /^[\w.+-]+$/.test(revision)) kernel.revision = revision;
  else if (revision !== undefined) notes.push(`kernel.revision: ${revision} is nothing a version can end in`);
  const cmdline = mapOptions(old, notes);
  if (cmdline.length > 0) kernel.cmdline = cmdline;
  if ('tmpdir' in old) notes.push('kernel.tmpdir: not needed; sources and objects are in the cache');
  if ('initcpio_helpers' in old) {
    notes.push(
      'kernel.initcpio_helpers: the hook dock0 is part of this package; name your own in initramfs.hooks_dir',
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
    if (!KNOWN.includes(key)) notes.push(`kernel.${key}: has no place here`);
  return { keys: { kernel }, notes };
}

/** Maps a host's `kernel`, which dock0 laid on the shared one: what is different by it. */
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
  // What only the shared kernel has, such as a .config for another version, goes back to the default.
  for (const key of known.keys()) if (!(key in mine)) kernel[key] = null;
  if (typeof kernel.base === 'string') kernel.base = hostPath(kernel.base);
  return {
    keys: Object.keys(kernel).length === 0 ? {} : { kernel },
    notes: notes.filter((note) => !before.notes.includes(note)),
  };
}

/**
 * The kernel's source and configuration. Later stacks state VERSION_REVISION, the name of a kernel built elsewhere:
 * the revision becomes the local version, as it was.
 */
function mapSource(old: Keys, stated: string, folder: string, notes: string[]): Keys {
  const kernel: Keys = { provider: 'source' };
  const [, line, patch = '', candidate = '', revision] =
    /^(\d+\.\d+)(\.\d+)?(-rc\d+)?(?:_([\w.+-]+))?$/.exec(stated) ?? [];
  // Since 3.0 the first release of a line has no third number.
  const release =
    line === undefined ? undefined : line + (patch === '.0' && !/^[0-2]\./.test(line) ? '' : patch);
  kernel.source = { version: release ?? 'longterm' };
  if (release === undefined)
    notes.push(`kernel.version: ${stated} is no version of kernel.org's; "longterm" is taken`);
  else if (candidate !== '')
    notes.push(
      `kernel.version: ${stated} was a release candidate, which kernel.org keeps no more; ${release} is taken`,
    );
  else if (revision !== undefined)
    notes.push(
      `kernel.version: ${stated} is kernel.source.version ${release} and kernel.revision _${revision}`,
    );
  if (release !== undefined && /^[0-4]\./.test(release))
    notes.push(`kernel.version: ${release} is long out of care; "longterm" is the newest one that is not`);
  if (release !== undefined && /^[0-3]\./.test(release))
    notes.push(
      `kernel.version: ${release} can't lay several layers on each other; a release needs 4.0 or later`,
    );
  if (revision !== undefined) kernel.revision = `_${revision}`;
  const names = [stated, stated.replace(/_.*$/, '')];
  const config =
    typeof old.configs === 'string'
      ? names.map((name) => join(String(old.configs), name)).find((path) => existsSync(resolve(folder, path)))
      : undefined;
  if (config !== undefined) return { ...kernel, base: stackPath(config) };
  notes.push(`kernel.configs: no .config for ${stated}; fragments are taken (configs/kernel)`);
  return { ...kernel, fragments: ['boot', 'squashfs', 'docker', 'kvm'] };
}

/** The kernel command line: what dock0 wrote as `NAME=VALUE` words, without those that its hook read. */
function mapOptions(old: Keys, notes: string[]): string[] {
  if ('options' in old && old.options !== null && !isKeys(old.options))
    notes.push('kernel.options: no map of names and values; left out');
  const cmdline: string[] = [];
  for (const [name, value] of Object.entries(keysOf(old.options))) {
    const instead = OPTIONS[name];
    if (instead !== undefined) notes.push(`kernel.options.${name}: ${instead}`);
    else if (Array.isArray(value) || isKeys(value))
      notes.push(`kernel.options.${name}: not one value; left out`);
    else if (value === null || value === true) cmdline.push(name);
    else cmdline.push(...`${name}=${String(value)}`.split(/\s+/).filter((word) => word !== ''));
  }
  return cmdline;
}

function json(value: unknown): string {
  return JSON.stringify(value);
}

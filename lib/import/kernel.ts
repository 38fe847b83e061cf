import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Mapped } from './map';
import { type Keys, keysOf, textsOf } from './stack';

/** Words of dock0's kernel command line that its initramfs hook read, and what is in their place. */
const OPTIONS: Record<string, string> = {
  root: '`dock0.root` is set by the build (install.label)',
  archisobasedir: 'releases lie in /dock0 on their disk',
  cow_device: 'install.cow says where writes go',
  cowfile_size: 'install.cow is a whole file system or memory, not a file of a size',
};

/** Maps `kernel`: dock0 rolled it from source with roller, out of one .config a version. */
export function mapKernel(all: Keys, folder: string): Mapped {
  if (!('kernel' in all))
    return {
      keys: { kernel: { provider: 'package' } },
      notes: ["kernel: none stated; the distribution's is taken"],
    };
  const notes: string[] = [];
  const old = keysOf(all.kernel);
  const kernel: Keys = {};
  if (old.version !== undefined) {
    const version = String(old.version);
    kernel.provider = 'source';
    kernel.source = { version };
    if (/^[0-4]\./.test(version))
      notes.push(`kernel.version: ${version} is long out of care; "longterm" is the newest one that is not`);
    const config = typeof old.configs === 'string' ? join(old.configs, version) : undefined;
    if (config !== undefined && existsSync(join(folder, config))) kernel.base = `./${config}`;
    else notes.push(`kernel.configs: no .config for ${version}; fragments are taken (configs/kernel)`);
  }
  if (kernel.provider === 'source' && kernel.base === undefined)
    kernel.fragments = ['boot', 'squashfs', 'docker', 'kvm'];
  if (old.revision !== undefined) kernel.revision = `_${String(old.revision)}`;
  const cmdline: string[] = [];
  for (const [name, value] of Object.entries(keysOf(old.options))) {
    const instead = OPTIONS[name];
    if (instead === undefined)
      cmdline.push(value === null || value === true ? name : `${name}=${String(value)}`);
    else notes.push(`kernel.options.${name}: ${instead}`);
  }
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
  const known = ['version', 'revision', 'configs', 'tmpdir', 'initcpio_helpers', 'modules', 'options'];
  for (const key of Object.keys(old))
    if (!known.includes(key)) notes.push(`kernel.${key}: has no place here`);
  return { keys: { kernel }, notes };
}

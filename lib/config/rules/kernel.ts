import { meant } from '../problems';
import type { Config } from '../schema';
import { didYouMean } from '../suggest';
import { type Checked, exactlyOne } from './rule';

const SOURCES = ['version', 'url', 'file', 'directory', 'debian'] as const;

/** Checks that the kernel has one origin, and that its options and its command line can be what they say. */
export function checkKernel(checked: Checked): void {
  const { config, wrong } = checked;
  const { kernel } = config;
  if (kernel.provider === 'source') {
    exactlyOne(kernel.source, SOURCES, ['kernel', 'source'], wrong);
    checkVerification(kernel.source, checked);
  }
  if (kernel.provider === 'file' && kernel.file === undefined) {
    wrong(['kernel', 'file'], 'expected a kernel image, found nothing: provider file needs one');
  }
  checkOptions(checked);
  checkWords(checked);
  checkModules(checked);
}

/** Sources that no checksum and no signature applies to, with the reason. */
const VERIFIED = {
  debian: "apt verifies the package with the distribution's signed lists",
  directory: 'a folder has neither checksum nor signature',
} as const;

function checkVerification(source: Config['kernel']['source'], { wrong }: Checked): void {
  const { sha256, signature, keys } = source;
  const at = ['kernel', 'source'];
  for (const kind of ['debian', 'directory'] as const) {
    if (source[kind] === undefined) continue;
    const stated = { sha256, signature, keys: keys.length > 0 ? keys : undefined };
    for (const [key, value] of Object.entries(stated)) {
      if (value === undefined) continue;
      wrong([...at, key], `expected only with version, url or file, found ${kind}: ${VERIFIED[kind]}`);
    }
    return;
  }
  if (signature !== undefined && keys.length === 0) {
    wrong([...at, 'keys'], 'expected the keys to check the signature with, found none');
  }
}

/** An option with and without CONFIG_ is the same one. */
function checkOptions({ config, wrong }: Checked): void {
  const seen = new Map<string, string>();
  for (const name of Object.keys(config.kernel.options)) {
    const keys = ['kernel', 'options', name];
    const symbol = name.replace(/^CONFIG_/, '');
    const other = seen.get(symbol);
    if (other !== undefined) wrong(keys, `expected each option once: ${other} is the same one`);
    seen.set(symbol, name);
  }
}

/** Words of ours, which the build adds itself, and those that the initramfs reads besides (hooks/dock0). */
const ADDED: Readonly<Record<string, string>> = {
  'dock0.root': 'install.label sets it',
  'dock0.release': 'the release that is current is started',
  'dock0.cow': 'install.cow sets it',
  'dock0.trial': 'the boot loader adds it where a release is tried',
};
const READ = [
  'dock0.timeout',
  'dock0.panic',
  'dock0.debug',
  'dock0.volume',
  'dock0.create',
  'dock0.trial_timeout',
];

/** Words whose value is in seconds: the initramfs takes its default for another one. */
const SECONDS = ['dock0.timeout', 'dock0.trial_timeout'];

/** Words by which other initramfs find the root; ours is found by dock0.root. */
const FOREIGN = ['root', 'rootfstype', 'rootflags', 'rootdelay', 'rootwait', 'ro', 'rw'];

function checkWords({ config, wrong, warn }: Checked): void {
  const { target, layout, loader } = config.install;
  const byGrub = target === 'image' && layout === 'gpt' && loader === 'grub';
  for (const [at, word] of config.kernel.cmdline.entries()) {
    const keys = ['kernel', 'cmdline', String(at)];
    const shown = JSON.stringify(word);
    const name = word.split('=')[0] ?? '';
    const added = ADDED[name];
    if ((word.match(/"/g) ?? []).length % 2 === 1)
      wrong(
        keys,
        `expected as many opening quotes as closing ones, found ${shown}: all words behind it would be part of it`,
      );
    else if (word === '--') wrong(keys, 'expected a word, found "--": init would get all words behind it');
    else if (added !== undefined) wrong(keys, `expected no ${name}: ${added}`);
    else if (
      name.startsWith('dock0.volume.') &&
      Object.hasOwn(config.volumes, name.slice('dock0.volume.'.length))
    )
      wrong(keys, `expected no ${name}: the build adds it for each of \`volumes\``);
    else if (
      name.startsWith('dock0.') &&
      !READ.some((known) => name === known || name.startsWith(`${known}.`))
    ) {
      const known = [...READ, ...Object.keys(ADDED)];
      wrong(
        keys,
        `expected a word that the initramfs knows, found ${shown}${meant(didYouMean(name, known))}`,
      );
    } else if (SECONDS.includes(name) && !/=\d+$/.test(word))
      wrong(keys, `expected ${name}= and seconds, found ${shown}`);
    else if (FOREIGN.includes(name))
      warn(keys, `${shown} has no effect: the initramfs finds the root by install.label`);
    // grub_create_loader_cmdline() of GRUB's lib/cmdline.c.
    else if (byGrub && /[\\'"]/.test(word))
      warn(
        keys,
        `a disk's GRUB gives the kernel ${word.replace(/[\\'"]/g, '\\$&')}, with a backslash in front of each quote and backslash; install.loader: systemd-boot gives it as it is`,
      );
  }
}

/** The kernel takes - and _ in the name of a module for the same; words of ours are none of a module. */
function checkModules({ config, wrong }: Checked): void {
  const seen = new Map<string, string>();
  for (const name of Object.keys(config.modules.options)) {
    const keys = ['modules', 'options', name];
    const plain = name.replaceAll('-', '_');
    const other = seen.get(plain);
    if (plain === 'dock0')
      wrong(keys, 'expected a module of the kernel: words with dock0. are those of the initramfs');
    else if (other !== undefined) wrong(keys, `expected each module once: ${other} is the same one`);
    seen.set(plain, name);
  }
}

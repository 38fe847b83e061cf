import { existsSync, readFileSync } from 'node:fs';
import { release } from 'node:os';
import { gunzipSync } from 'node:zlib';
import { codeOf, Dock0Error } from '../error';
import { type Kconfig, parseKconfig } from './kconfig';

/**
 * What a configuration starts from: a target of the kernel's own make, with files of the source that it follows, or
 * the text of a .config.
 */
export type Base = { target: string; presets: readonly string[] } | { text: string; path: string };

// The kernel's `tinyconfig` is allnoconfig by these files. It can't be called itself: it mixes in the .config that
// lies in the object tree, whatever KCONFIG_CONFIG says.
const TINY = [
  'kernel/configs/tiny-base.config',
  'kernel/configs/tiny.config',
  'arch/x86/configs/tiny.config',
];

const TARGETS: Record<string, Base> = {
  tiny: { target: 'allnoconfig', presets: TINY },
  allno: { target: 'allnoconfig', presets: [] },
  def: { target: 'defconfig', presets: [] },
};

/**
 * What `kernel.base` stands for: `tiny`, `allno`, `def`, `running`, or a file.
 *
 * @throws Dock0Error when the configuration of the running kernel is unavailable, or the file can't be read
 */
export function baseOf(stated: string): Base {
  return TARGETS[stated] ?? configAt(stated);
}

/**
 * A .config and where it was found.
 *
 * @param stated a file, or `running`
 * @throws Dock0Error as baseOf
 */
export function configAt(stated: string): { path: string; text: string } {
  const path = stated === 'running' ? runningConfig() : stated;
  return { path, text: readConfig(path) };
}

function runningConfig(): string {
  const version = release();
  const places = ['/proc/config.gz', `/boot/config-${version}`, `/usr/lib/modules/${version}/config`];
  const found = places.find((path) => existsSync(path));
  if (found !== undefined) return found;
  throw new Dock0Error(`the configuration of the running kernel ${version} is unavailable`, {
    hint: `None of these exists: ${places.join(', ')}.`,
  });
}

/**
 * The text of a .config, which may be compressed with gzip.
 *
 * @throws Dock0Error when it can't be read, or is no configuration
 */
export function readConfig(path: string): string {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw new Dock0Error(`${path}: ${codeOf(error) === 'ENOENT' ? 'no such file' : "can't be read"}`, {
      cause: error,
    });
  }
  const text = (bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes).toString('utf8');
  if (parseKconfig(text).size > 0) return text;
  throw new Dock0Error(`${path}: not a kernel configuration: no line such as CONFIG_NET=y`);
}

/** Signed modules, and what turns them on again: a kernel that is locked down takes no others. */
const SIGNING = ['MODULE_SIG', 'MODULE_SIG_ALL', 'SECURITY_LOCKDOWN_LSM', 'IMA_APPRAISE_MODSIG'];

/** The key that the kernel's make generates when it does not exist. */
const MADE_KEY = '"certs/signing_key.pem"';

/**
 * What of a distribution's configuration is replaced in a kernel built elsewhere: keys that only its builders have (the
 * build would fail), modules signed by a key generated each time (no two builds would be equal), and debug information
 * that takes gigabytes.
 *
 * @param has whether the source has a file
 * @returns values that replace those of the base
 */
export function strangers(base: Kconfig, has: (path: string) => boolean): Kconfig {
  const instead: Kconfig = new Map();
  for (const symbol of ['SYSTEM_TRUSTED_KEYS', 'SYSTEM_REVOCATION_KEYS']) {
    const path = base.get(symbol)?.slice(1, -1) ?? '';
    if (path !== '' && !has(path)) instead.set(symbol, '""');
  }
  if (base.get('MODULE_SIG') === 'y') {
    for (const symbol of SIGNING) if (base.get(symbol) === 'y') instead.set(symbol, 'n');
    if (base.get('MODULE_SIG_KEY') === MADE_KEY) instead.set('MODULE_SIG_KEY', '""');
  }
  const debugging = [...base].filter(
    ([symbol, value]) => /^DEBUG_INFO(?!_NONE)/.test(symbol) && value !== 'n',
  );
  if (debugging.length > 0) {
    for (const [symbol] of debugging) instead.set(symbol, 'n');
    instead.set('DEBUG_INFO_NONE', 'y');
  }
  return instead;
}

import { existsSync, realpathSync } from 'node:fs';
import { join, normalize } from 'node:path';
import type { FileInput } from '../engine/step';
import { Dock0Error } from '../error';
import { isHidden } from '../system/fixed-paths';
import type { Requests } from './requests';

/** Options whose value is the path of what make reads. */
const PATHS = [
  'ACPI_CUSTOM_DSDT_FILE',
  'BOOT_CONFIG_EMBED_FILE',
  'CFG80211_EXTRA_REGDB_KEYDIR',
  'EXTRA_FIRMWARE_DIR',
  'MODULE_SIG_KEY',
  'SYSTEM_BLACKLIST_HASH_LIST',
  'SYSTEM_REVOCATION_KEYS',
  'SYSTEM_TRUSTED_KEYS',
  'UNUSED_KSYMS_WHITELIST',
];

/** The one whose value is a list of paths. */
const LIST = 'INITRAMFS_SOURCE';

/** Where firmware is that is built in, unless EXTRA_FIRMWARE_DIR says otherwise. */
const FIRMWARE = '/lib/firmware';

/**
 * The files and folders of this machine that are built into the kernel because a requested option names them. A
 * relative path is one in the source.
 *
 * @throws Dock0Error for each path that does not exist or that the kernel's make can't use
 */
export function namedFiles(requests: Requests): FileInput[] {
  const value = (symbol: string): string => unquoted(requests.get(symbol)?.value ?? '');
  const stated = [
    ...PATHS.map((symbol) => [symbol, value(symbol)] as const),
    ...words(value(LIST)).map((path) => [LIST, path] as const),
  ].filter(([, path]) => path !== '');
  const faults = stated.flatMap(([symbol, path]) => {
    const why = whyNot(symbol, path);
    return why === undefined ? [] : `${requests.get(symbol)?.origin}: CONFIG_${symbol}: ${path}: ${why}`;
  });
  if (faults.length > 0) throw new Dock0Error(faults.join('\n'));
  const firmware = value('EXTRA_FIRMWARE_DIR') || FIRMWARE;
  const read = [
    ...stated.filter(([symbol]) => symbol !== 'EXTRA_FIRMWARE_DIR'),
    ...words(value('EXTRA_FIRMWARE')).map((name) => ['EXTRA_FIRMWARE', join(firmware, name)] as const),
  ].filter(([, path]) => path.startsWith('/'));
  // Of an archive's folder the links themselves are packed; elsewhere make reads what they lead to.
  return read.map(([symbol, path], index) => ({
    name: `CONFIG_${symbol} ${index + 1}`,
    path,
    follow: symbol !== LIST,
  }));
}

function whyNot(symbol: string, path: string): string | undefined {
  if (!path.startsWith('/')) {
    const outside = /^\.\.(?:\/|$)/.test(normalize(path)) && !path.startsWith('pkcs11:');
    return outside ? 'a path out of the source has to be absolute' : undefined;
  }
  if (/[\s:]/.test(path))
    return "the kernel's make takes no path with a blank or a colon; put a copy elsewhere";
  if (!existsSync(path))
    return `no such file or folder${symbol === LIST ? '; in this list, a blank ends a path' : ''}`;
  return isHidden(realpathSync(path))
    ? "the kernel's make does not see it there; put a copy elsewhere"
    : undefined;
}

function words(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}

/** The text of a string option. */
function unquoted(value: string): string {
  return value.replace(/^"(.*)"$/, '$1').replace(/\\(.)/g, '$1');
}

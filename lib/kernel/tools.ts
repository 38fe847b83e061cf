import type { Config } from '../config/schema';
import type { Tool } from '../engine/step';
import { Dock0Error } from '../error';
import { programsOf, statedPrograms } from './programs';
import { wantedOf } from './workshop';

/** What the bytes of every kernel depend on. */
const COMPILERS = ['gcc', 'ld', 'make', 'flex', 'bison', 'bc', 'depmod'];
const HEADERS: readonly Tool[] = [
  { name: 'libelf', files: ['/usr/include/gelf.h'] },
  { name: 'openssl headers', files: ['/usr/include/openssl/opensslv.h'] },
];

/** What `gulp kernel:menuconfig` needs to compile the menu. */
export const MENU_TOOLS: readonly Tool[] = [
  { name: 'ncurses headers', files: ['/usr/include/ncurses.h'], optional: true },
];

/** The tool that unpacks a tarball, by the end of its name. */
const TARBALLS: readonly (readonly [RegExp, string])[] = [
  [/\.(tar\.gz|tgz)$/, 'gzip'],
  [/\.(tar\.bz2|tbz2?)$/, 'bzip2'],
  [/\.(tar\.xz|txz)$/, 'xz'],
  [/\.(tar\.zst|tzst)$/, 'zstd'],
];

/** All that a kernel's source is fetched, unpacked, configured and compiled with. */
export function sourceTools(config: Config): Tool[] {
  const { source, make } = config.kernel;
  const { version, url, signature, keys, debian } = source;
  const remote = version !== undefined || url !== undefined || /^https?:/.test(signature ?? '');
  const { stated, present } = programs(config);
  const versioned = [...COMPILERS, ...present];
  const others = [
    ...['perl', 'xz', 'patch'],
    ...(remote ? ['curl'] : []),
    ...(keys.length > 0 ? ['gpgv'] : []),
    ...(debian === undefined ? [] : ['apt-get', 'dpkg-deb']),
    ...(make.launcher === 'ccache' ? ['ccache'] : []),
    ...TARBALLS.filter(([end]) => end.test(url ?? source.file ?? '')).map(([, tool]) => tool),
    ...stated,
  ];
  return [
    ...versioned.map((name) => ({ name, versioned: true })),
    ...[...new Set(others)].filter((name) => !versioned.includes(name)).map((name) => ({ name })),
    ...HEADERS,
    ...(make.launcher === 'auto' ? [{ name: 'ccache', optional: true }] : []),
  ];
}

/** The programs that options need: those that are stated, and of all that may be used those that are installed. */
function programs(config: Config): { stated: string[]; present: string[] } {
  try {
    const { base, requests } = wantedOf({ config });
    return { stated: statedPrograms(base, requests), present: programsOf(base, requests) };
  } catch (error) {
    // The step reports fragments and bases that cannot be read.
    if (error instanceof Dock0Error) return { stated: [], present: [] };
    throw error;
  }
}

import type { Config } from '../config/schema';
import { Dock0Error } from '../error';
import type { Row, ToolGroup } from '../session/tools';
import { statedPrograms } from './programs';
import { wantedOf } from './workshop';

const COMPILING: Row[] = [
  ['make', 'make', 'make'],
  ['gcc', 'gcc', 'gcc'],
  ['flex', 'flex', 'flex'],
  ['bison', 'bison', 'bison'],
  ['bc', 'bc', 'bc'],
  ['perl', 'perl', 'perl'],
  ['xz', 'xz-utils', 'xz'],
  ['patch', 'patch', 'patch'],
  ['libelf', 'libelf-dev', 'libelf', '/usr/include/gelf.h'],
  ['openssl headers', 'libssl-dev', 'openssl', '/usr/include/openssl/opensslv.h'],
];
const MENU: Row = ['ncurses headers', 'libncurses-dev', 'ncurses', '/usr/include/ncurses.h'];
const CCACHE: Row = ['ccache', 'ccache', 'ccache'];
const CURL: Row = ['curl', 'curl', 'curl'];
const GPGV: Row = ['gpgv', 'gpgv', 'gnupg'];
const APT: Row[] = [
  ['apt-get', 'apt', 'apt'],
  ['dpkg-deb', 'dpkg', 'dpkg'],
];

/** What a kernel's options may need besides, by the command. */
const PROGRAMS: Record<string, Row> = {
  gzip: ['gzip', 'gzip', 'gzip'],
  bzip2: ['bzip2', 'bzip2', 'bzip2'],
  lzma: ['lzma', 'xz-utils', 'xz'],
  lzop: ['lzop', 'lzop', 'lzop'],
  lz4: ['lz4', 'lz4', 'lz4'],
  xz: ['xz', 'xz-utils', 'xz'],
  zstd: ['zstd', 'zstd', 'zstd'],
  pahole: ['pahole', 'dwarves', 'pahole'],
  rustc: ['rustc', 'rustc', 'rust'],
  bindgen: ['bindgen', 'bindgen', 'rust-bindgen'],
};

/** The tool that unpacks a tarball, by the end of its name. */
const TARBALLS: readonly (readonly [RegExp, string])[] = [
  [/\.(tar\.gz|tgz)$/, 'gzip'],
  [/\.(tar\.bz2|tbz2?)$/, 'bzip2'],
  [/\.(tar\.xz|txz)$/, 'xz'],
  [/\.(tar\.zst|tzst)$/, 'zstd'],
];

/** What a kernel needs of the host: all that its source is fetched, unpacked, configured and compiled with. */
export function kernelTools(config: Config): ToolGroup[] {
  const { provider, source, make } = config.kernel;
  const depmod: Row = ['depmod', 'kmod', 'kmod'];
  if (provider !== 'source') return [{ step: 'kernel', rows: [depmod] }];
  const { version, url, signature, keys, debian } = source;
  const remote = version !== undefined || url !== undefined || /^https?:/.test(signature ?? '');
  const rows = [
    depmod,
    ...COMPILING,
    ...(remote ? [CURL] : []),
    ...(keys.length > 0 ? [GPGV] : []),
    ...(debian === undefined ? [] : APT),
    ...(make.launcher === 'ccache' ? [CCACHE] : []),
    ...programs(config).flatMap((name) => (PROGRAMS[name] === undefined ? [] : [PROGRAMS[name]])),
  ];
  return [
    { step: 'kernel', rows },
    { step: 'faster kernel rebuilds', rows: make.launcher === 'auto' ? [CCACHE] : [], optional: true },
    { step: 'kernel:menuconfig', rows: [MENU], optional: true },
  ];
}

/** The programs that the configuration names, as far as it can be read before the source is there. */
function programs(config: Config): string[] {
  const { url, file } = config.kernel.source;
  const tarball = TARBALLS.filter(([end]) => end.test(url ?? file ?? '')).map(([, tool]) => tool);
  return [...new Set([...tarball, ...requestedIn(config)])];
}

function requestedIn(config: Config): string[] {
  try {
    const { base, requests } = wantedOf({ config });
    return statedPrograms(base, requests);
  } catch (error) {
    // Fragments and bases that can't be read are for the build to tell of.
    if (error instanceof Dock0Error) return [];
    throw error;
  }
}

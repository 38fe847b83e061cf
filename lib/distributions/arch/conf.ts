import { machine } from '../../system/host';
import type { Repository } from './repositories';

/** What a generated pacman.conf contains. */
export interface PacmanConf {
  repositories: readonly Repository[];
  /** The default for repositories, and for package files. */
  sigLevel: string;
  keyring: string;
  /** The folder of package files. */
  packages: string;
  /** `pacman.log`; by default pacman writes the host's. */
  log: string;
  /** The databases, when they are not the root's own. */
  database?: string;
  /** Paths in packages that are not unpacked: patterns of fnmatch(3). */
  noExtract?: readonly string[];
}

/**
 * The text of a pacman.conf(5) that names everything that pacman would otherwise take from the host. Hooks need no entry:
 * with `--root`, pacman reads the root's.
 */
export function pacmanConf(conf: PacmanConf): string {
  const options: [string, string][] = [
    ['Architecture', machine()],
    ['SigLevel', conf.sigLevel],
    ['LocalFileSigLevel', conf.sigLevel],
    ['GPGDir', conf.keyring],
    ['CacheDir', conf.packages],
    ['LogFile', conf.log],
    ...(conf.database === undefined ? [] : [['DBPath', conf.database] satisfies [string, string]]),
    ...(conf.noExtract ?? []).map(
      (pattern) => ['NoExtract', pattern.replace(/^(!?)\//, '$1')] satisfies [string, string],
    ),
  ];
  const sections = conf.repositories.map(({ name, servers, sigLevel }) =>
    section(name, [
      ['SigLevel', sigLevel],
      ...servers.map((server) => ['Server', server] satisfies [string, string]),
    ]),
  );
  return [section('options', options), ...sections].join('\n');
}

function section(name: string, lines: readonly [string, string][]): string {
  return [`[${name}]`, ...lines.map(([key, value]) => `${key} = ${value}`), ''].join('\n');
}

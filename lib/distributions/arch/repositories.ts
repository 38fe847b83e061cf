import { existsSync, readFileSync } from 'node:fs';
import type { Config } from '../../config/schema';
import { Dock0Error } from '../../error';
import { machine } from '../../system/host';

/** Where packages of one repository come from, and what signatures they need. */
export interface Repository {
  name: string;
  /** URLs of the folder that holds `<name>.db`, tried in order. */
  servers: string[];
  /** As in pacman.conf(5): `Required DatabaseOptional`. */
  sigLevel: string;
  /** Whether the Arch Linux Archive has versions that its mirrors no longer have. */
  archived: boolean;
}

/** What of the configuration decides where packages come from. */
export type RepositorySettings = Pick<Config, 'mirror' | 'pacman'>;

/** The distribution's own repositories, in the order of precedence. */
const OWN = ['core', 'extra'];
/** One more of the distribution's, on request. */
const OPTIONAL = 'multilib';
const WORLDWIDE = 'https://geo.mirror.pkgbuild.com/$repo/os/$arch';
const ARCHIVE = 'https://archive.archlinux.org';
const HOST_MIRRORS = '/etc/pacman.d/mirrorlist';

/** The name of the repository made of `pacman.local_packages`. */
export const LOCAL = 'local-packages';

/** That repository: the user named each package, so an unsigned one is accepted; a signature still has to be valid. */
export const LOCAL_REPOSITORY: Repository = {
  name: LOCAL,
  servers: ['file:///nonexistent'],
  sigLevel: 'PackageOptional',
  archived: false,
};

/**
 * The repositories that a configuration installs from: its own first, then the distribution's. `mirror: auto` is the
 * host's mirror list, or, where there is none, Arch's worldwide mirror; a `snapshot` is that day of the Arch Linux
 * Archive.
 *
 * @throws Dock0Error when two repositories have one name, or when both a snapshot and a mirror are set
 */
export function repositoriesOf(
  { mirror, pacman }: RepositorySettings,
  hostMirrors = HOST_MIRRORS,
): Repository[] {
  const all = [
    ...pacman.repositories.map(({ name, server, sig_level }) => ({
      name,
      servers: server.map((url) => serverOf(url, name)),
      sigLevel: sig_level ?? pacman.sig_level,
      archived: name === OPTIONAL,
    })),
    ...OWN.map((name) => ({
      name,
      servers: mirrorsOf({ mirror, pacman }, hostMirrors).map((server) => serverOf(server, name)),
      sigLevel: pacman.sig_level,
      archived: true,
    })),
  ];
  const names = all.map(({ name }) => name);
  const twice = names.find((name, at) => names.indexOf(name) !== at || name === LOCAL);
  if (twice !== undefined) {
    throw new Dock0Error(`pacman.repositories: the name "${twice}" is taken`, {
      hint: `${OWN.join(' and ')} are the distribution's own, ${LOCAL} holds pacman.local_packages.`,
    });
  }
  return all;
}

/** Fills `$repo` and `$arch` into a server's URL. */
export function serverOf(url: string, repository: string, architecture = machine()): string {
  return url.replaceAll('$repo', repository).replaceAll('$arch', architecture).replace(/\/+$/, '');
}

/** Where a package file of a repository is, in the order of preference. */
export function urlsOf(repository: Repository, name: string, file: string): string[] {
  const own = repository.servers.map((server) => `${server}/${encodeURIComponent(file)}`);
  if (!repository.archived) return own;
  return [
    ...own,
    `${ARCHIVE}/packages/${name.slice(0, 1)}/${encodeURIComponent(name)}/${encodeURIComponent(file)}`,
  ];
}

function mirrorsOf({ mirror, pacman }: RepositorySettings, hostMirrors: string): string[] {
  if (pacman.snapshot !== undefined)
    return [`${ARCHIVE}/repos/${pacman.snapshot.replaceAll('-', '/')}/$repo/os/$arch`];
  if (mirror !== 'auto') return [mirror].flat().map(wholeMirror);
  const listed = existsSync(hostMirrors) ? readFileSync(hostMirrors, 'utf8') : '';
  const servers = [...listed.matchAll(/^\s*Server\s*=\s*(\S+)/gm)].map(([, server = '']) => server);
  return servers.length === 0 ? [WORLDWIDE] : servers;
}

// A mirror given as its top folder has the layout every Arch mirror has.
function wholeMirror(url: string): string {
  return url.includes('$repo') ? url : `${url.replace(/\/+$/, '')}/$repo/os/$arch`;
}

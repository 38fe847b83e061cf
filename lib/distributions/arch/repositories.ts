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
  /** Whether versions its mirrors no longer have can come from the Arch Linux Archive, which has all of Arch's own. */
  archived: boolean;
}

/** What of the configuration decides where packages come from. */
export type RepositorySettings = Pick<Config, 'mirror' | 'pacman'>;

/** The distribution's own repositories, in the order of precedence. */
const OWN = ['core', 'extra'];
/** One more of the distribution's, for those who ask for it. */
const OPTIONAL = 'multilib';
const WORLDWIDE = 'https://geo.mirror.pkgbuild.com/$repo/os/$arch';
const ARCHIVE = 'https://archive.archlinux.org';
const HOST_MIRRORS = '/etc/pacman.d/mirrorlist';

/** The name of the repository made of `pacman.local_packages`. */
export const LOCAL = 'local-packages';

/** That repository: the user named its packages one by one, so an unsigned one is taken; a signature has to be right. */
export const LOCAL_REPOSITORY: Repository = {
  name: LOCAL,
  servers: ['file:///nonexistent'],
  sigLevel: 'PackageOptional',
  archived: false,
};

/**
 * The repositories a configuration installs from: its own ones first, then the distribution's. `mirror: auto` is the
 * host's mirror list, or, where there is none, Arch's worldwide mirror; a `snapshot` is that day of the Arch Linux
 * Archive.
 *
 * @throws Dock0Error when a repository is there twice, or a snapshot and a mirror are both asked for
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
    throw new Dock0Error(`pacman.repositories: "${twice}" is the name of another repository`, {
      hint: `${OWN.join(' and ')} are the distribution's own, ${LOCAL} holds pacman.local_packages.`,
    });
  }
  return all;
}

/** Fills `$repo` and `$arch` into a server's URL. */
export function serverOf(url: string, repository: string, architecture = machine()): string {
  return url.replaceAll('$repo', repository).replaceAll('$arch', architecture).replace(/\/+$/, '');
}

/** Where a package file of a repository is, in the order the places are tried. */
export function urlsOf(repository: Repository, name: string, file: string): string[] {
  const own = repository.servers.map((server) => `${server}/${encodeURIComponent(file)}`);
  if (!repository.archived) return own;
  return [
    ...own,
    `${ARCHIVE}/packages/${name.slice(0, 1)}/${encodeURIComponent(name)}/${encodeURIComponent(file)}`,
  ];
}

function mirrorsOf({ mirror, pacman }: RepositorySettings, hostMirrors: string): string[] {
  if (pacman.snapshot !== undefined) {
    if (mirror !== 'auto') {
      throw new Dock0Error('pacman.snapshot and mirror: only one of them can say where packages come from', {
        hint: 'Leave out `mirror`, or give it the URL of an archive of that day.',
      });
    }
    return [`${ARCHIVE}/repos/${pacman.snapshot.replaceAll('-', '/')}/$repo/os/$arch`];
  }
  if (mirror !== 'auto') return [mirror].flat().map(wholeMirror);
  const listed = existsSync(hostMirrors) ? readFileSync(hostMirrors, 'utf8') : '';
  const servers = [...listed.matchAll(/^\s*Server\s*=\s*(\S+)/gm)].map(([, server = '']) => server);
  return servers.length === 0 ? [WORLDWIDE] : servers;
}

// A mirror given as its top folder has the layout every Arch mirror has.
function wholeMirror(url: string): string {
  return url.includes('$repo') ? url : `${url.replace(/\/+$/, '')}/$repo/os/$arch`;
}

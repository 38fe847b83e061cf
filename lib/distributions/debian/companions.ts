import type { Apt, AptContext } from './apt';

/**
 * What a package needs to be of use and only recommends, or has been split off from it in later releases: from trixie on
 * the command `docker` is a package of its own, from forky on systemd has neither mount(8) nor a login.
 */
const COMPANIONS: Readonly<Record<string, readonly string[]>> = {
  'docker.io': ['docker-cli'],
  systemd: ['mount', 'login'],
};

/** The requested packages, with the companions that the release has as packages of their own. */
export async function withCompanions(
  apt: Apt,
  packages: readonly string[],
  { signal }: Pick<AptContext, 'signal'>,
): Promise<string[]> {
  const wanted = packages.flatMap((name) => COMPANIONS[name] ?? []);
  const missing = wanted.filter((name) => !packages.includes(name));
  if (missing.length === 0) return [...packages];
  const names = new Set((await apt.run('apt-cache', ['pkgnames'], { signal })).stdout.split('\n'));
  return [...packages, ...missing.filter((name) => names.has(name))];
}

import type { Apt, AptContext } from './apt';
import { nameOf } from './roles';

/**
 * What a package needs to be of use and only recommends, or has been split off from it in later releases: from trixie on
 * the command `docker` is a package of its own, from forky on systemd has neither mount(8) nor a login.
 */
export const COMPANIONS: Readonly<Record<string, readonly string[]>> = {
  'docker.io': ['docker-cli'],
  systemd: ['mount', 'login'],
};

/**
 * The requested packages by the names that the lists have: of alternatives (`docker-ce|docker.io`) the first one, and
 * with each package its companions, where the release has them as packages of their own. A companion of what is taken
 * from another suite (`btrfs-progs/bookworm-backports`) comes from there too, where that has it.
 */
export async function withCompanions(
  apt: Apt,
  packages: readonly string[],
  { signal }: Pick<AptContext, 'signal'>,
): Promise<string[]> {
  if (packages.every((name) => !name.includes('|') && COMPANIONS[nameOf(name)] === undefined))
    return [...packages];
  // `htop | 3.2.2-2 | https://deb.debian.org/debian bookworm/main amd64 Packages`
  const has = async (suite: string, name: string): Promise<boolean> =>
    (await apt.run('apt-cache', ['madison', name], { signal })).stdout.includes(` ${suite}/`);
  const names = new Set((await apt.run('apt-cache', ['pkgnames'], { signal })).stdout.split('\n'));
  const chosen = packages.map((wanted) => {
    const alternatives = wanted.split('|');
    return alternatives.find((name) => names.has(name)) ?? (alternatives.at(-1) as string);
  });
  const stated = new Set(chosen.map(nameOf));
  const companions: string[] = [];
  for (const wanted of chosen) {
    const [, suite] = /\/(.*)$/.exec(wanted) ?? [];
    const needed = (COMPANIONS[nameOf(wanted)] ?? []).filter((name) => names.has(name) && !stated.has(name));
    for (const name of needed)
      companions.push(suite !== undefined && (await has(suite, name)) ? `${name}/${suite}` : name);
  }
  return [...chosen, ...companions];
}

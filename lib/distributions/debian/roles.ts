import type { Distribution, PackagesFor, Role } from '../provider';

/** The packages that have Docker's daemon; the second one is in Docker's own repository. */
export const ENGINES = ['docker.io', 'docker-ce'];

/** What starts the machine. */
const INITS = ['systemd', 'systemd-sysv'];

const TIMESYNC = 'systemd-timesyncd';

/** What sets the clock by servers, and has a unit that waits for it. */
const TIME = [TIMESYNC, 'chrony'];

/**
 * What an image needs beside the packages that it names, where dependencies do not say so: the Docker that the lists
 * have, and what systemd, the kernel and Docker are of no use without. What is stated wins.
 */
export const roles: NonNullable<Distribution['roles']> = ({ packages, docker, time }, kernel) => {
  const stated = new Set(packages.map(nameOf));
  const boots = INITS.some((name) => stated.has(name));
  const engine = docker.engine === 'auto' ? 'docker-ce|docker.io' : docker.engine;
  const asksTime = time.wait || time.servers.length > 0;
  const wanted: [when: boolean, role: Role][] = [
    [docker.enabled && !ENGINES.some((name) => stated.has(name)), { packages: engine, use: 'docker.engine' }],
    [boots, { packages: 'udev', use: 'devices and the network' }],
    [boots && kernel.modules, { packages: 'kmod', use: "the kernel's modules" }],
    [boots && asksTime && !TIME.some((name) => stated.has(name)), { packages: TIMESYNC, use: 'time' }],
    [docker.enabled && kernel.apparmor, { packages: 'apparmor', use: 'confines containers' }],
    [
      docker.enabled && docker.daemon['firewall-backend'] === 'nftables',
      { packages: 'nftables', use: 'docker.daemon.firewall-backend' },
    ],
  ];
  return wanted.filter(([when, role]) => when && !stated.has(role.packages)).map(([, role]) => role);
};

/** The name in what apt takes: `docker.io/bookworm-backports`, `htop=3.2.2-2`, `libc6:amd64`. */
export function nameOf(stated: string): string {
  return stated.replace(/[/=:].*/, '');
}

/** Packages by what an image needs them for. */
export const packagesFor: PackagesFor = {
  init: ['systemd-sysv', 'sysvinit-core', 'runit-init'],
  docker: ['docker.io', 'docker-ce', 'moby-engine'],
  compose: ['docker-compose', 'docker-compose-v2', 'docker-compose-plugin'],
  udev: ['udev'],
  modules: ['kmod'],
  apparmor: ['apparmor'],
  ssh: ['openssh-server', 'dropbear', 'dropbear-bin', 'tinysshd'],
  time: TIME,
  resolver: ['systemd-resolved'],
  firewall: ['nftables'],
  sudo: ['sudo'],
  zones: ['tzdata'],
  locales: ['locales', 'locales-all'],
  xfs: ['xfsprogs'],
  btrfs: ['btrfs-progs'],
};

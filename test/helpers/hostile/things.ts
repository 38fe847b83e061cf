/** Paths of an image that a build writes, reads, lists, removes or mounts on. What ends in a slash is a folder. */
export const PATHS: readonly string[] = [
  ...['etc/', 'etc/hostname', 'etc/hosts', 'etc/machine-id', 'etc/resolv.conf', 'etc/fstab', 'etc/passwd'],
  ...['etc/shadow', 'etc/group', 'etc/passwd-', 'etc/.pwd.lock', 'etc/default/', 'etc/default/locale'],
  ...['etc/systemd/', 'etc/systemd/system/', 'etc/systemd/system/dock0-host-keys.service'],
  ...['etc/systemd/network/', 'etc/systemd/network/80-dock0-dhcp.network', 'etc/docker/'],
  ...['etc/docker/daemon.json', 'etc/localtime', 'etc/timezone', 'etc/locale.conf', 'etc/vconsole.conf'],
  ...['etc/ssh/', 'etc/ssh/ssh_host_rsa_key', 'etc/apt/', 'etc/apt/sources.list', 'etc/apt/sources.list.d/'],
  ...['etc/pacman.d/', 'etc/pacman.d/gnupg/', 'tmp/', 'run/', 'proc/', 'sys/', 'dev/', 'dev/null', 'boot/'],
  ...['root/', 'root/.ssh/', 'root/.ssh/authorized_keys', 'srv/', 'srv/plain', 'srv/rendered', 'srv/host'],
  ...['home/', 'home/me/', 'home/me/.ssh/', 'home/me/.ssh/authorized_keys', 'etc/sudoers.d/dock0-me'],
  ...['etc/gshadow', 'etc/ssh/sshd_config.d/10-dock0.conf', 'usr/lib/dock0/'],
  ...[
    'var/',
    'var/tmp/',
    'var/log/',
    'var/log/wtmp',
    'var/log/dpkg.log',
    'var/log/apt/',
    'var/log/pacman.log',
  ],
  ...['var/cache/', 'var/cache/apt/', 'var/cache/ldconfig/aux-cache', 'var/lib/', 'var/lib/dbus/machine-id'],
  ...['var/lib/dpkg/', 'var/lib/dpkg/status', 'var/lib/pacman/local/', 'var/lib/pacman/local/x-1-1/desc'],
  ...['var/lib/systemd/random-seed', 'var/lib/docker/', 'var/lib/docker/devicemapper/devicemapper/data'],
  ...['usr/', 'usr/bin/', 'usr/sbin/', 'usr/sbin/sshd', 'usr/lib/', 'usr/lib/systemd/'],
  ...['usr/lib/systemd/systemd-resolved', 'usr/lib/systemd/system/', 'usr/lib/systemd/system/docker.service'],
  ...['usr/lib/modules/', 'usr/lib/modules/1.0/', 'usr/share/zoneinfo/', 'usr/share/zoneinfo/Europe/Vienna'],
];

/** What a hostile package has at a path. */
export type Thing =
  | { kind: 'link'; to: string }
  | { kind: 'loop' }
  | { kind: 'fifo' | 'socket' | 'disk' | 'zeros' | 'file' | 'folder' };

/** A hostile thing at one path of the image, or several of them. */
export interface Case {
  label: string;
  things: { path: string; thing: Thing }[];
}

/** What the cases are called that every build has to get through. */
export const NOTHING = 'nothing is hostile';

/** The kernel's filesystems have files that block whoever reads them, or that do something when written. */
const KERNEL_FILES = ['/dev/null', '/dev/zero', '/proc/kmsg', '/proc/sysrq-trigger', '/sys/kernel/profiling'];

/**
 * The kinds of things, by name, as they are at a path.
 *
 * @param far a folder with canaries, somewhere on the build host
 * @param near one beside the cache, in which the root is mounted at `cache/tmp/<fingerprint>/tmp/root`
 */
export function kinds(path: string, far: string, near: string): Record<string, Thing> {
  const link = (to: string): Thing => ({ kind: 'link', to });
  const depth = path.split('/').filter((name) => name !== '').length - 1;
  const up = (count: number): string => '../'.repeat(count);
  return {
    'an absolute link to a file': link(`${far}/file`),
    'an absolute link to a folder': link(`${far}/folder`),
    'an absolute link to what is not there': link(`${far}/folder/absent`),
    'a link that climbs to a file': link(`${up(40)}${far.slice(1)}/file`),
    'a link that climbs to a folder': link(`${up(depth + 5)}${near}/folder`),
    'a link through /proc': link(`/proc/1/root${far}/folder`),
    'a link to itself': link(path.split('/').filter(Boolean).at(-1) as string),
    'a loop of two links': { kind: 'loop' },
    'a link to a file of the kernel': link(KERNEL_FILES[path.length % KERNEL_FILES.length] as string),
    'a pipe': { kind: 'fifo' },
    'a socket': { kind: 'socket' },
    'a disk': { kind: 'disk' },
    'an endless device': { kind: 'zeros' },
    ...(path.endsWith('/') ? { 'a file': { kind: 'file' } } : { 'a folder': { kind: 'folder' } }),
  };
}

/** One hostile thing at a time, at each path. */
export function singleCases(far: string, near: string): Case[] {
  return PATHS.flatMap((path) =>
    Object.entries(kinds(path, far, near)).map(([kind, thing]) => ({
      label: `/${path} is ${kind}`,
      things: [{ path: trimmed(path), thing }],
    })),
  );
}

/** What is worth being built in every way: where programs of the image, or our own reading, would wait or write. */
export function worstCases(): Case[] {
  const link = (path: string, to: string): Case => ({
    label: `/${path} is a link to ${to}`,
    things: [{ path, thing: { kind: 'link', to } }],
  });
  const pipe = (path: string): Case => ({
    label: `/${path} is a pipe, for every program`,
    things: [{ path, thing: { kind: 'fifo' } }],
  });
  return [
    { label: `${NOTHING} but a device`, things: [{ path: 'srv/device', thing: { kind: 'zeros' } }] },
    ...['/dev/null', '/dev/zero', '/proc/kmsg', '/proc/1/mem'].map((to) =>
      link('etc/systemd/system/y.service', to),
    ),
    ...['/dev/zero', '/proc/kmsg', '/proc/1/environ'].map((to) => link('var/lib/dpkg/status', to)),
    ...['/dev', '/proc', '/sys', '/run', '/'].map((to) => link('srv/removed', to)),
    ...['/dev/zero', '/proc/kmsg'].map((to) => link('etc/passwd', to)),
    ...['etc/passwd', 'etc/group', 'etc/shadow', 'var/lib/dpkg/status'].map(pipe),
  ];
}

/** Each kind of thing at all paths at once: the deepest first, so that what lies below another thing is hidden by it. */
export function togetherCases(far: string, near: string): Case[] {
  const deepest = [...PATHS].sort((one, other) => other.split('/').length - one.split('/').length);
  const names = Object.keys({ ...kinds('etc/', far, near), ...kinds('etc/hosts', far, near) });
  return ['all', 'leaves'].flatMap((which) =>
    names.map((name) => ({
      label: `${which === 'all' ? 'every path' : 'every path with nothing below'} is ${name}`,
      things: deepest
        .filter((path) => which === 'all' || !PATHS.some((other) => other !== path && other.startsWith(path)))
        .flatMap((path) => {
          const thing = kinds(path, far, near)[name];
          return thing === undefined ? [] : [{ path: trimmed(path), thing }];
        }),
    })),
  );
}

function trimmed(path: string): string {
  return path.replace(/\/$/, '');
}

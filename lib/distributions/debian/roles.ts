import type { Roles } from '../needs';

export const ROLES: Roles = {
  init: ['systemd-sysv', 'sysvinit-core', 'runit-init'],
  docker: ['docker.io', 'docker-ce', 'moby-engine'],
  udev: ['udev'],
  modules: ['kmod'],
  ssh: ['openssh-server', 'dropbear', 'dropbear-bin', 'tinysshd'],
  zones: ['tzdata'],
  locales: ['locales', 'locales-all'],
  xfs: ['xfsprogs'],
  btrfs: ['btrfs-progs'],
};

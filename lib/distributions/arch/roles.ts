import type { Roles } from '../needs';

export const ROLES: Roles = {
  init: ['systemd-sysvcompat'],
  docker: ['docker'],
  udev: ['systemd'],
  modules: ['kmod'],
  ssh: ['openssh', 'dropbear', 'tinyssh'],
  zones: ['tzdata'],
  locales: ['glibc'],
  keymaps: ['kbd'],
  xfs: ['xfsprogs'],
  btrfs: ['btrfs-progs'],
};

import type { PackagesFor } from '../provider';

export const PACKAGES_FOR: PackagesFor = {
  init: ['systemd-sysvcompat'],
  docker: ['docker'],
  compose: ['docker-compose'],
  udev: ['systemd'],
  modules: ['kmod'],
  apparmor: ['apparmor'],
  ssh: ['openssh', 'dropbear', 'tinyssh'],
  time: ['systemd', 'chrony'],
  resolver: ['systemd'],
  firewall: ['nftables'],
  sudo: ['sudo'],
  zones: ['tzdata'],
  locales: ['glibc'],
  keymaps: ['kbd'],
  xfs: ['xfsprogs'],
  btrfs: ['btrfs-progs'],
};

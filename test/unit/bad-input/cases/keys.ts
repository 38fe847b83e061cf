import type { BadInput } from '../table';

/** Keys, words and numbers. */
export const CASES: readonly BadInput[] = [
  {
    name: 'a misspelt key',
    config: 'packges: [htop]\n',
    says: 'dock0.yaml:1:1: packges: unknown key; did you mean packages?',
  },
  {
    name: 'a misspelt key in a map',
    config: 'squash: {compresion: xz}\n',
    says: 'dock0.yaml:1:10: squash.compresion: unknown key; did you mean squash.compression?',
  },
  {
    name: 'a key at the wrong place',
    config: 'dhcp: true\n',
    says: 'dock0.yaml:1:1: dhcp: unknown key; did you mean network.dhcp?',
  },
  {
    name: 'a key with swapped letters',
    config: 'uints: {}\n',
    says: 'dock0.yaml:1:1: uints: unknown key; did you mean units?',
  },
  {
    name: 'a list in place of a map',
    config: 'fs: [ext4]\n',
    says: 'dock0.yaml:1:1: fs: expected a map, found a list',
  },
  {
    name: 'a map in place of a list',
    config: 'packages: {htop: 1}\n',
    says: 'dock0.yaml:1:1: packages: expected a list of packages, or a file with one per line, found a map',
  },
  {
    name: 'a number in place of a list',
    config: 'packages: 7\n',
    says: 'dock0.yaml:1:11: packages: expected a list of packages, or a file with one per line, found the number 7',
  },
  {
    name: 'nothing in a list',
    config: 'packages:\n  - htop\n  -\n',
    says: 'dock0.yaml:3:3: packages.1: expected a package name, found nothing',
  },
  {
    name: 'an unknown word',
    config: 'squash: {compression: zsdt}\n',
    says: 'dock0.yaml:1:23: squash.compression: expected one of zstd, xz, gzip, lz4, lzo, found "zsdt"; did you mean "zstd"?',
  },
  {
    name: 'a number out of range',
    config: 'squash: {level: 99}\n',
    says: 'dock0.yaml:1:17: squash.level: expected a whole number from 1 to 22, found the number 99',
  },
  {
    name: 'a fraction',
    config: 'install: {releases: 1.5}\n',
    says: 'dock0.yaml:1:21: install.releases: expected a number of releases, found the number 1.5',
  },
  {
    name: 'a level that gzip does not have',
    config: 'squash: {compression: gzip, level: 15}\n',
    says: 'dock0.yaml:1:36: squash.level: expected a whole number from 1 to 9 for gzip, found the number 15',
  },
  {
    name: 'a level for xz',
    config: 'squash: {compression: xz, level: 9}\n',
    says: 'dock0.yaml:1:34: squash.level: expected no level for xz, found the number 9; null removes what a lower file sets',
  },
  {
    name: 'a size without unit',
    config: 'fs: {backend: image, size: 4096}\n',
    says: 'dock0.yaml:1:28: fs.size: expected a size such as 512M or 4G, found the number 4096',
  },
  {
    name: 'a size with a wrong unit',
    config: 'fs: {backend: image, size: 4GB}\n',
    says: 'dock0.yaml:1:28: fs.size: expected a size such as 512M or 4G, found "4GB"',
  },
  {
    name: 'a size beyond all numbers',
    config: 'install: {size: 99999999999T}\n',
    says: 'dock0.yaml:1:17: install.size: expected a size such as 512M or 4G, found "99999999999T"',
  },
  {
    name: 'a root too small for xfs',
    config: 'fs: {backend: image, type: xfs, size: 100M}\n',
    says: 'dock0.yaml:1:39: fs.size: expected at least 300M for xfs, found 100M',
  },
  {
    name: 'a disk image too large for a file',
    config: 'install: {size: 20T}\n',
    says: 'dock0.yaml:1:17: install.size: expected at most 16T, found 20T',
  },
  {
    name: 'a machine with too little memory',
    config: 'verify: {memory: 64M}\n',
    says: 'dock0.yaml:1:18: verify.memory: expected at least 128M for a machine, found 64M',
  },
  {
    name: 'a timeout that overflows',
    config: 'verify: {timeout: 99999999}\n',
    says: 'dock0.yaml:1:19: verify.timeout: expected seconds, 1 to 2000000, found the number 99999999',
  },
  {
    name: 'a map of files to include',
    config: 'include:\n  default:\n',
    says: 'dock0.yaml:1:1: include: expected a file or a list of them, found a map; write include: [default]',
  },
];

import type { BadInput } from '../table';

/** Names of packages that a tool would take for something else. */
export const CASES: readonly BadInput[] = [
  {
    name: 'a package name with capital letters',
    config: 'distribution: debian\npackages: [Htop]\n',
    says: 'dock0.yaml:2:12: packages.0: expected a package of debian, with =VERSION or /RELEASE if it has to be, found "Htop"; did you mean htop?',
  },
  {
    name: 'a version constraint of pacman',
    config: 'distribution: debian\npackages: ["htop>=3"]\n',
    says: 'dock0.yaml:2:12: packages.0: expected a package of debian, with =VERSION or /RELEASE if it has to be, found "htop>=3"; did you mean htop=3?',
  },
  {
    name: 'a task',
    config: 'distribution: debian\npackages: [ssh-server^]\n',
    says: 'dock0.yaml:2:12: packages.0: expected a package name, found "ssh-server^"',
  },
  {
    name: 'a pattern of apt',
    config: 'distribution: debian\npackages: ["?essential"]\n',
    says: 'dock0.yaml:2:12: packages.0: expected a package name, found "?essential"',
  },
  {
    name: 'a glob',
    config: 'distribution: debian\npackages: ["htop*"]\n',
    says: 'dock0.yaml:2:12: packages.0: expected a package name, found "htop*"',
  },
  {
    name: 'an option',
    config: 'distribution: debian\npackages: [--reinstall]\n',
    says: 'dock0.yaml:2:12: packages.0: expected a package name, found "--reinstall"',
  },
  {
    name: 'two names in one text',
    config: 'distribution: debian\npackages: ["htop curl"]\n',
    says: 'dock0.yaml:2:12: packages.0: expected a package name, found "htop curl"',
  },
  {
    name: 'a name with a blank in a file',
    config: 'distribution: debian\npackages: list\n',
    files: { list: 'htop\r\nbad name # x\r\n' },
    says: 'list:2:1: packages.1: expected a package name, found "bad name"',
  },
  {
    name: 'a file that is missing',
    config: 'distribution: debian\npackages: lists/tools\n',
    says: 'dock0.yaml:2:11: packages: expected a list of packages, or a file with one per line, found "lists/tools": no such file or folder',
  },
  {
    name: 'a package to remove with a version',
    config: 'distribution: debian\ncleanup: {packages: ["perl=5"]}\n',
    says: 'dock0.yaml:2:22: cleanup.packages.0: expected a package name, found "perl=5"',
  },
  {
    name: 'a package with two versions',
    config: 'distribution: debian\npackages: ["a=b=c"]\n',
    says: 'dock0.yaml:2:12: packages.0: expected a package of debian, with =VERSION or /RELEASE if it has to be, found "a=b=c"',
  },
];

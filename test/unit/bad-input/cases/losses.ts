import type { BadInput } from '../table';

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINmnDD/LfjmvKFm6iTsH/dcI2F4cljSom5Z0DjRFGmQu me';

/** What would take from the machine what it is started from, or what it is there for. */
export const CASES: readonly BadInput[] = [
  {
    name: 'an excluded folder with a slash at its end',
    config: "exclude: ['/usr/share/doc/']\n",
    says: 'dock0.yaml:1:11: exclude.0: has no effect: no package has a path like "/usr/share/doc/"; did you mean "/usr/share/doc"?',
  },
  {
    name: 'an excluded pattern with an open bracket',
    config: "exclude: ['/usr/share/doc/[']\n",
    says: 'dock0.yaml:1:11: exclude.0: expected ] behind each [ (a [ itself is [[]), found "/usr/share/doc/["',
  },
  {
    name: 'an excluded path with ..',
    config: "exclude: ['/usr/share/../share/doc/*']\n",
    says: 'dock0.yaml:1:11: exclude.0: has no effect: no package has a path like "/usr/share/../share/doc/*"; did you mean "/usr/share/doc/*"?',
  },
  {
    name: 'an excluded path with two slashes',
    config: "exclude: ['//usr/share/doc/*']\n",
    says: 'dock0.yaml:1:11: exclude.0: has no effect: no package has a path like "//usr/share/doc/*"; did you mean "/usr/share/doc/*"?',
  },
  {
    name: 'all paths excluded',
    config: "exclude: ['/*']\n",
    says: 'dock0.yaml:1:11: exclude.0: expected paths that a machine can start without, found "/*"',
  },
  {
    name: 'the Docker daemon excluded',
    config: "exclude: ['/usr/share/doc/*', '/usr/sbin/docker*']\n",
    says: 'dock0.yaml:1:31: exclude.1: "/usr/sbin/docker*" leaves out /usr/sbin/dockerd, which Docker (docker.enabled) needs; \'!/usr/sbin/dockerd\' behind it keeps that',
  },
  {
    name: 'the sources of the locale excluded, in a pattern of another file',
    config: 'include: ./small.yaml\nlocale: de_DE.UTF-8\n',
    files: { 'small.yaml': 'exclude: [/usr/share/i18n/*]\n' },
    says: 'small.yaml:1:11: exclude.0: "/usr/share/i18n/*" leaves out /usr/share/i18n/locales/de_DE, which locale de_DE.UTF-8 needs; \'!/usr/share/i18n/*\' behind it keeps that',
  },
  {
    name: 'time zones excluded, and one stated',
    config: "timezone: Europe/Vienna\nexclude: ['/usr/share/zoneinfo']\n",
    says: 'dock0.yaml:2:11: exclude.0: "/usr/share/zoneinfo" leaves out /usr/share/zoneinfo/Europe/Vienna, which timezone needs; \'!/usr/share/zoneinfo/Europe/Vienna\' behind it keeps that',
  },
  {
    name: 'the shell of a user excluded',
    config: "users: {me: {shell: /bin/zsh}}\nexclude: ['/usr/bin/zs?']\n",
    says: 'dock0.yaml:2:11: exclude.0: "/usr/bin/zs?" leaves out /usr/bin/zsh, which the shell /bin/zsh needs; \'!/usr/bin/zsh\' behind it keeps that',
  },
  {
    name: 'the SSH server removed, with keys to log in',
    config: `root: {ssh_keys: ['${KEY}']}\ncleanup: {paths: [/usr/sbin/sshd]}\n`,
    says: 'dock0.yaml:2:19: cleanup.paths.0: "/usr/sbin/sshd" removes /usr/sbin/sshd, which the login with ssh_keys needs',
  },
  {
    name: 'what a firewall is loaded with removed',
    config: 'firewall: {}\ncleanup: {paths: [/usr/sbin/nf*]}\n',
    says: 'dock0.yaml:2:19: cleanup.paths.0: "/usr/sbin/nf*" removes /usr/sbin/nft, which firewall needs',
  },
  {
    name: 'programs excluded',
    config: "exclude: ['/usr/bin/*']\n",
    says: 'dock0.yaml:1:11: exclude.0: expected paths that a machine can start without, found "/usr/bin/*"',
  },
  {
    name: 'all paths removed',
    config: "cleanup: {paths: ['/*']}\n",
    says: 'dock0.yaml:1:19: cleanup.paths.0: expected paths that a machine can start without, found "/*"',
  },
  {
    name: '/usr removed',
    config: 'cleanup: {paths: [/usr]}\n',
    says: 'dock0.yaml:1:19: cleanup.paths.0: expected paths that a machine can start without, found "/usr"',
  },
  {
    name: 'all of /etc removed',
    config: "cleanup: {paths: ['/etc/*']}\n",
    says: 'dock0.yaml:1:19: cleanup.paths.0: expected paths that a machine can start without, found "/etc/*"',
  },
  {
    name: 'the package of Docker removed',
    config: 'cleanup: {packages: [docker.io]}\n',
    says: 'dock0.yaml:1:22: cleanup.packages.0: expected a package that Docker does without, found "docker.io"; set docker.enabled to false for an image without Docker',
  },
  {
    name: 'root removed',
    config: 'cleanup: {users: [root]}\n',
    says: 'dock0.yaml:1:19: cleanup.users.0: expected another user: without root nothing starts',
  },
  {
    name: 'a user removed that is made',
    config: 'users: {me: {}}\ncleanup: {users: [me]}\n',
    says: 'dock0.yaml:2:19: cleanup.users.0: expected another user, found one of `users`: me',
  },
  {
    name: "Docker's unit masked",
    config: 'units: {mask: [docker]}\n',
    says: 'dock0.yaml:1:16: units.mask.0: expected a unit that Docker does without, found "docker"; set docker.enabled to false for an image without Docker',
  },
];

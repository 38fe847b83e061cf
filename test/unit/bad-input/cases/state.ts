import type { BadInput } from '../table';

const path = (value: string): string => `state: {paths: [${JSON.stringify(value)}]}\n`;

/** What a machine keeps, and where. */
export const CASES: readonly BadInput[] = [
  {
    name: 'a state on a volume that there is not',
    config: 'state: {volume: dokcer}\n',
    says: 'dock0.yaml:1:17: state.volume: expected auto, none or one of `volumes` (docker), found "dokcer"; did you mean docker?',
  },
  {
    name: 'a state on a volume that is read-only',
    config:
      'state: {volume: data}\nvolumes:\n  docker: {label: docker, path: /var/lib/docker}\n  data: {label: data, path: /data, options: [ro]}\n',
    says: 'dock0.yaml:1:17: state.volume: expected a volume that can be written to, found data, which is mounted with ro',
  },
  {
    name: 'a state that keeps the system',
    config: path('/usr'),
    says: 'dock0.yaml:1:17: state.paths.0: expected a path for data, found "/usr": the system of the release would be hidden',
  },
  {
    name: 'a state that keeps what is made anew at each boot',
    config: path('/run/x'),
    says: 'dock0.yaml:1:17: state.paths.0: expected a path that stays, found "/run/x": /run is made anew at each boot',
  },
  {
    name: 'a state that keeps what is on a volume',
    config: path('/var/lib/docker/x'),
    says: 'dock0.yaml:1:17: state.paths.0: expected a path that no volume holds, found "/var/lib/docker/x": volumes.docker is mounted on /var/lib/docker',
  },
  {
    name: 'a state that keeps a path twice',
    config: 'state: {paths: [/srv/a, /srv/a/b]}\n',
    says: 'dock0.yaml:1:25: state.paths.1: expected a path of its own, found "/srv/a/b": /srv/a is kept already',
  },
  {
    name: 'a state that keeps what is kept anyway',
    config: 'state: {paths: [{path: /etc/machine-id}]}\n',
    says: 'dock0.yaml:1:24: state.paths.0.path: expected a path of its own, found "/etc/machine-id": /etc/machine-id is kept already',
  },
  {
    name: 'a path of the state with a relative name',
    config: path('srv'),
    says: 'dock0.yaml:1:17: state.paths.0: expected an absolute path in the image, found "srv"',
  },
  {
    name: 'an unknown word in a map of a list',
    config: 'state: {paths: [{path: /srv/x, kind: dir}]}\n',
    says: 'dock0.yaml:1:38: state.paths.0.kind: expected one of folder, file, found "dir"',
  },
  {
    name: 'a state that keeps /usr/lib/systemd',
    config: 'state: {paths: [/usr/lib/systemd]}\n',
    says: 'dock0.yaml:1:17: state.paths.0: expected a path for data, found "/usr/lib/systemd": the system of the release would be hidden',
  },
  {
    name: 'a state that keeps /etc/systemd',
    config: 'state: {paths: [/etc/systemd]}\n',
    says: 'dock0.yaml:1:17: state.paths.0: expected a path for data, found "/etc/systemd": the system of the release would be hidden',
  },
  {
    name: 'a state that keeps /usr/lib64',
    config: 'state: {paths: [/usr/lib64]}\n',
    says: 'dock0.yaml:1:17: state.paths.0: expected a path for data, found "/usr/lib64": the system of the release would be hidden',
  },
  {
    name: 'a state that keeps what is below /var/run',
    config: 'state: {paths: [/var/run/x]}\n',
    says: 'dock0.yaml:1:17: state.paths.0: expected a path that stays, found "/var/run/x": /run is made anew at each boot',
  },
  {
    name: 'a state with a name that no file system holds',
    config:
      'state: {paths: [/srv/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa]}\n',
    says: 'dock0.yaml:1:17: state.paths.0: expected names of at most 255 bytes, found one of 256',
  },
];

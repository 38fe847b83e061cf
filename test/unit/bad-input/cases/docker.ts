import type { BadInput } from '../table';

/** Docker's storage and daemon. */
export const CASES: readonly BadInput[] = [
  {
    name: 'btrfs as driver on ext4',
    config: 'docker: {storage: {driver: btrfs}}\n',
    says: 'dock0.yaml:1:28: docker.storage.driver: expected overlay2, or a volume of type btrfs, found btrfs: volumes.docker is ext4',
  },
  {
    name: 'zfs as driver',
    config: 'docker: {storage: {driver: zfs}}\n',
    says: 'dock0.yaml:1:28: docker.storage.driver: expected overlay2, btrfs or vfs, found zfs: no volume can be of that type',
  },
  {
    name: 'a device without its driver',
    config: 'docker: {storage: {device: /dev/vdb}}\n',
    says: 'dock0.yaml:1:28: docker.storage.device: expected only with driver devicemapper, found driver auto',
  },
  {
    name: 'data-root in daemon',
    config: 'docker: {daemon: {data-root: /srv}}\n',
    says: 'dock0.yaml:1:30: docker.daemon.data-root: expected docker.storage.path instead, which sets it and sees to it that a volume holds the data',
  },
  {
    name: 'a misspelt key of the daemon',
    config: 'docker: {daemon: {log-drvier: journald}}\n',
    says: 'dock0.yaml:1:31: docker.daemon.log-drvier: unknown key of daemon.json, with which dockerd does not start; did you mean log-driver?',
  },
];

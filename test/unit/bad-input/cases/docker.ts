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
  {
    name: 'hosts in daemon, which the unit states',
    config: "docker: {daemon: {hosts: ['tcp://0.0.0.0:2375']}}\n",
    says: 'dock0.yaml:1:19: docker.daemon.hosts: expected nothing: docker.service has -H fd://, and dockerd does not start with both; bring a docker.service of your own in `overlay` to change it',
  },
  {
    name: 'containerd in daemon, which the unit states',
    config: 'docker: {daemon: {containerd: /run/x.sock}}\n',
    says: 'dock0.yaml:1:31: docker.daemon.containerd: expected nothing: docker.service has --containerd, and dockerd does not start with both; bring a docker.service of your own in `overlay` to change it',
  },
  {
    name: 'a switch of the daemon with a word of YAML 1.1',
    config: 'docker: {daemon: {live-restore: yes}}\n',
    says: 'dock0.yaml:1:33: docker.daemon.live-restore: expected true or false, found "yes"; did you mean true?',
  },
  {
    name: 'a switch of the daemon in quotes',
    config: 'docker: {daemon: {debug: "true"}}\n',
    says: 'dock0.yaml:1:26: docker.daemon.debug: expected true or false, found "true"; leave the quotes out',
  },
  {
    name: 'one name server for a list',
    config: 'docker: {daemon: {dns: 1.1.1.1}}\n',
    says: 'dock0.yaml:1:24: docker.daemon.dns: expected a list of texts, found "1.1.1.1"; did you mean ["1.1.1.1"]?',
  },
  {
    name: 'a number of the daemon in quotes',
    config: 'docker: {daemon: {mtu: "1500"}}\n',
    says: 'dock0.yaml:1:24: docker.daemon.mtu: expected a whole number, found "1500"; leave the quotes out',
  },
  {
    name: 'one registry for a list',
    config: "docker: {daemon: {insecure-registries: 'reg:5000'}}\n",
    says: 'dock0.yaml:1:40: docker.daemon.insecure-registries: expected a list of texts, found "reg:5000"; did you mean ["reg:5000"]?',
  },
  {
    name: 'a feature of the daemon that is no switch',
    config: 'docker: {daemon: {features: {buildkit: on}}}\n',
    says: 'dock0.yaml:1:40: docker.daemon.features.buildkit: expected true or false, found "on"; did you mean true?',
  },
  {
    name: 'a storage driver in daemon',
    config: 'docker: {daemon: {storage-driver: btrfs}}\n',
    says: 'dock0.yaml:1:35: docker.daemon.storage-driver: expected docker.storage.driver instead, which sets it and is checked with the volume',
  },
  {
    name: 'a proxy where dockerd ignores it',
    config: "docker: {daemon: {http-proxy: 'http://p:3128'}}\n",
    says: 'dock0.yaml:1:31: docker.daemon.http-proxy: expected proxies: {http-proxy: …} instead: dockerd ignores it here',
  },
  {
    name: 'an option of a log driver that is a number',
    config: 'docker: {daemon: {log-driver: local, log-opts: {max-size: 10}}}\n',
    says: 'dock0.yaml:1:59: docker.daemon.log-opts.max-size: expected a text, found the number 10; put it in quotes',
  },
  {
    name: 'nothing in a list of the daemon',
    config: 'docker: {daemon: {dns: [1.1.1.1, ~]}}\n',
    says: 'dock0.yaml:1:34: docker.daemon.dns.1: expected a text, found nothing',
  },
  {
    name: 'nothing in a list of maps of the daemon',
    config: 'docker: {daemon: {default-address-pools: [~]}}\n',
    says: 'dock0.yaml:1:43: docker.daemon.default-address-pools.0: expected a map, found nothing',
  },
];

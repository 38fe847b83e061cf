import type { BadInput } from '../table';

/** File systems and where they are mounted. */
export const CASES: readonly BadInput[] = [
  {
    name: 'a volume to be made, without the disk',
    config:
      'volumes:\n  docker: {label: docker, path: /var/lib/docker}\n  data: {label: data, create: true, path: /srv}\n',
    says: 'dock0.yaml:3:31: volumes.data.create: expected device, the empty disk, and label, which its file system gets, found no device',
  },
  {
    name: 'a volume to be made, found by a UUID',
    config:
      'volumes:\n  docker: {label: docker, path: /var/lib/docker}\n  data: {uuid: 0a1b2c3d-0001-4002-8003-0a1b2c3d4e5f, create: true, device: /dev/vdb, label: data, path: /srv}\n',
    says: 'dock0.yaml:3:16: volumes.data.uuid: expected no uuid beside create: the file system gets a new one; null removes what a lower file sets',
  },
  {
    name: 'a volume to be made, with a word for whether',
    config:
      'volumes:\n  docker: {label: docker, path: /var/lib/docker}\n  data: {label: data, device: /dev/vdb, create: force, path: /srv}\n',
    says: 'dock0.yaml:3:49: volumes.data.create: expected true or false, found "force"',
  },
  {
    name: 'two volumes to be made on one disk',
    config:
      'volumes:\n  docker: {label: docker, device: /dev/vdb, create: true, path: /var/lib/docker}\n  data: {label: data, device: /dev/vdb, create: true, path: /srv}\n',
    says: 'dock0.yaml:3:31: volumes.data.device: expected a file system of its own, found the device of volumes.docker: "/dev/vdb"',
  },
  {
    name: 'a volume on /',
    config: 'volumes:\n  docker: {label: docker, path: /var/lib/docker}\n  data: {label: data, path: /}\n',
    says: 'dock0.yaml:3:29: volumes.data.path: expected a folder below /, found "/": the layers of the release are the root',
  },
  {
    name: 'a volume below /run',
    config:
      'volumes:\n  docker: {label: docker, path: /var/lib/docker}\n  data: {label: data, path: /run/data}\n',
    says: 'dock0.yaml:3:29: volumes.data.path: expected a folder that stays, found "/run/data": /run is mounted anew at each boot',
  },
  {
    name: 'a volume below /dev',
    config:
      'volumes:\n  docker: {label: docker, path: /var/lib/docker}\n  data: {label: data, path: /dev/x}\n',
    says: 'dock0.yaml:3:29: volumes.data.path: expected a folder that stays, found "/dev/x": /dev is mounted anew at each boot',
  },
  {
    name: 'a volume over the system',
    config:
      'volumes:\n  docker: {label: docker, path: /var/lib/docker}\n  data: {label: data, path: /usr/}\n',
    says: 'dock0.yaml:3:29: volumes.data.path: expected a folder for data, found "/usr/": a volume there would hide the system',
  },
  {
    name: 'a volume with a relative path',
    config: 'volumes:\n  docker: {label: docker, path: /var/lib/docker}\n  data: {label: data, path: srv}\n',
    says: 'dock0.yaml:3:29: volumes.data.path: expected an absolute path in the image, found "srv"',
  },
  {
    name: 'a volume without a path',
    config: 'volumes:\n  docker: {label: docker, path: /var/lib/docker}\n  data: {label: data}\n',
    says: 'dock0.yaml:3:3: volumes.data.path: expected an absolute path in the image, found nothing',
  },
  {
    name: 'two volumes on one path',
    config:
      'volumes:\n  docker: {label: docker, path: /var/lib/docker}\n  data: {label: data, path: /srv}\n  more: {label: more, path: /srv/}\n',
    says: 'dock0.yaml:4:29: volumes.more.path: expected a folder of its own, found "/srv/", where volumes.data is mounted',
  },
  {
    name: 'two volumes with one label',
    config:
      'volumes:\n  docker: {label: docker, path: /var/lib/docker}\n  data: {label: data, path: /srv}\n  more: {label: data, path: /opt}\n',
    says: 'dock0.yaml:4:17: volumes.more.label: expected a file system of its own, found the label of volumes.data: "data"',
  },
  {
    name: 'a volume with the label of the releases',
    config:
      'volumes:\n  docker: {label: docker, path: /var/lib/docker}\n  data: {label: dock0, path: /srv}\n',
    says: 'dock0.yaml:3:17: volumes.data.label: expected another label: "dock0" is install.label, the disk of the releases',
  },
  {
    name: 'a volume named in two ways',
    config:
      'volumes:\n  docker: {label: docker, path: /var/lib/docker}\n  data: {label: data, device: /dev/vdb, path: /srv}\n',
    says: 'dock0.yaml:3:31: volumes.data.device: expected exactly one of label, uuid, device, found label and device; null removes what a lower file sets',
  },
  {
    name: 'a volume named in no way',
    config: 'volumes:\n  docker: {label: docker, path: /var/lib/docker}\n  data: {path: /srv}\n',
    says: 'dock0.yaml:3:3: volumes.data: expected exactly one of label, uuid, device, found none of them',
  },
  {
    name: 'a label of 17 bytes on ext4',
    config:
      'volumes:\n  docker: {label: docker, path: /var/lib/docker}\n  data: {label: a-label-of-17-byt, path: /srv}\n',
    says: 'dock0.yaml:3:17: volumes.data.label: expected a label of at most 16 bytes for ext4, found "a-label-of-17-byt": 17 bytes',
  },
  {
    name: 'a label of 13 bytes on xfs',
    config:
      'volumes:\n  docker: {label: docker, path: /var/lib/docker}\n  data: {label: label-of-13-b, type: xfs, path: /srv}\n',
    says: 'dock0.yaml:3:17: volumes.data.label: expected a label of at most 12 bytes for xfs, found "label-of-13-b": 13 bytes',
  },
  {
    name: 'a label of 16 letters and more bytes',
    config:
      'volumes:\n  docker: {label: docker, path: /var/lib/docker}\n  data: {label: "größe-für-daten-", path: /srv}\n',
    says: 'dock0.yaml:3:17: volumes.data.label: expected a label of at most 16 bytes for ext4, found "größe-für-daten-": 19 bytes',
  },
  {
    name: 'a label with a blank',
    config:
      'volumes:\n  docker: {label: docker, path: /var/lib/docker}\n  data: {label: my data, path: /srv}\n',
    says: 'dock0.yaml:3:17: volumes.data.label: expected a file system label of letters, digits, ., _, +, @, ~ and -, found "my data"',
  },
  {
    name: 'a label with a dollar',
    config:
      'volumes:\n  docker: {label: docker, path: /var/lib/docker}\n  data: {label: "a$b", path: /srv}\n',
    says: 'dock0.yaml:3:17: volumes.data.label: expected a file system label of letters, digits, ., _, +, @, ~ and -, found "a$b"',
  },
  {
    name: 'half a UUID',
    config:
      'volumes:\n  docker: {label: docker, path: /var/lib/docker}\n  data: {uuid: 0a1b2c3d-0001, path: /srv}\n',
    says: 'dock0.yaml:3:16: volumes.data.uuid: expected a file system UUID such as 0a1b2c3d-0001-4002-8003-0a1b2c3d4e5f, found "0a1b2c3d-0001"',
  },
  {
    name: 'a device outside of /dev',
    config:
      'volumes:\n  docker: {label: docker, path: /var/lib/docker}\n  data: {device: /srv/disk.img, path: /srv}\n',
    says: 'dock0.yaml:3:18: volumes.data.device: expected a device such as /dev/vdb, without : and a / at its end, found "/srv/disk.img"',
  },
  {
    name: 'an unknown file system',
    config:
      'volumes:\n  docker: {label: docker, path: /var/lib/docker}\n  data: {label: data, type: etx4, path: /srv}\n',
    says: 'dock0.yaml:3:29: volumes.data.type: expected one of ext4, xfs, btrfs, found "etx4"; did you mean "ext4"?',
  },
  {
    name: 'an option of systemd',
    config:
      'volumes:\n  docker: {label: docker, path: /var/lib/docker}\n  data: {label: data, path: /srv, options: [x-systemd.automount]}\n',
    says: 'dock0.yaml:3:45: volumes.data.options.0: expected an option of the file system, found "x-systemd.automount": volumes are mounted before init starts, without an fstab',
  },
  {
    name: 'an option of fstab',
    config:
      'volumes:\n  docker: {label: docker, path: /var/lib/docker}\n  data: {label: data, path: /srv, options: [rw, noauto]}\n',
    says: 'dock0.yaml:3:49: volumes.data.options.1: expected an option of the file system, found "noauto": volumes are mounted before init starts, without an fstab',
  },
  {
    name: 'a misspelt option',
    config:
      'volumes:\n  docker: {label: docker, path: /var/lib/docker}\n  data: {label: data, path: /srv, options: [noatmie]}\n',
    says: 'dock0.yaml:3:45: volumes.data.options.0: expected a mount option, found "noatmie"; did you mean noatime?',
  },
  {
    name: 'options in one text',
    config:
      'volumes:\n  docker: {label: docker, path: /var/lib/docker}\n  data: {label: data, path: /srv, options: "rw,noatime"}\n',
    says: 'dock0.yaml:3:44: volumes.data.options: expected a list of mount options, found "rw,noatime"',
  },
  {
    name: 'an option twice',
    config:
      'volumes:\n  docker: {label: docker, path: /var/lib/docker}\n  data: {label: data, path: /srv, options: [noatime, noatime]}\n',
    says: 'dock0.yaml:3:54: volumes.data.options.1: expected each option once, found "noatime" twice',
  },
  {
    name: 'ro and rw',
    config:
      'volumes:\n  docker: {label: docker, path: /var/lib/docker}\n  data: {label: data, path: /srv, options: [ro, rw]}\n',
    says: 'dock0.yaml:3:35: volumes.data.options: expected ro or rw, found both',
  },
  {
    name: 'a read-only volume for Docker',
    config: 'volumes: {docker: {label: docker, path: /var/lib/docker, options: [ro]}}\n',
    says: 'dock0.yaml:1:68: volumes.docker.options.0: expected no ro here: Docker writes to this volume',
  },
  {
    name: 'no volume for Docker',
    config: 'volumes: {docker: ~}\n',
    says: 'dock0.yaml:1:1: docker.storage.volume: expected one of `volumes` that holds /var/lib/docker, found the default, "docker": there is no such volume, so the data would be on the read-only root',
  },
  {
    name: "a volume that does not hold Docker's data",
    config: 'volumes: {docker: {label: docker, path: /srv}}\n',
    says: 'dock0.yaml:1:1: docker.storage.volume: expected one of `volumes` that holds /var/lib/docker, found the default, "docker": it is mounted on /srv, so the data would be on the read-only root',
  },
  {
    name: 'a misspelt volume for Docker',
    config: 'docker: {storage: {volume: dokcer}}\n',
    says: 'dock0.yaml:1:28: docker.storage.volume: expected one of `volumes` that holds /var/lib/docker (docker), found "dokcer": there is no such volume, so the data would be on the read-only root; did you mean docker?',
  },
  {
    name: 'a volume named cow beside install.cow',
    config:
      'volumes:\n  docker: {label: docker, path: /var/lib/docker}\n  cow: {label: data, path: /srv}\ninstall: {cow: {label: state}}\n',
    says: 'dock0.yaml:3:3: volumes.cow: expected another name: `cow` is that of install.cow',
  },
  {
    name: 'a place for writes that is a volume',
    config: 'install: {cow: {label: docker}}\n',
    says: 'dock0.yaml:1:24: install.cow.label: expected a file system of its own, found the label of volumes.docker: "docker"',
  },
  {
    name: 'a size of a partition that is none',
    config: 'install: {volumes: {docker: {size: all}}}\n',
    says: 'dock0.yaml:1:36: install.volumes.docker.size: expected rest or a size such as 30G, found "all"',
  },
  {
    name: 'a partition without a size',
    config: 'install: {volumes: {docker: {}}}\n',
    says: 'dock0.yaml:1:21: install.volumes.docker.size: expected rest or a size such as 30G, found nothing',
  },
  {
    name: 'two partitions that take the rest',
    config:
      'volumes:\n  docker: {label: docker, path: /var/lib/docker}\n  data: {label: data, path: /srv}\ninstall:\n  volumes:\n    docker: {size: rest}\n    data: {size: rest}\n',
    says: 'dock0.yaml:7:18: install.volumes.data.size: expected a size: install.volumes.docker takes the rest of the disk',
  },
  {
    name: 'a partition that its file system does not fit into',
    config:
      'volumes:\n  docker: {label: docker, path: /var/lib/docker}\n  data: {label: data, path: /srv, type: xfs}\ninstall: {volumes: {data: {size: 100M}}}\n',
    says: 'dock0.yaml:4:34: install.volumes.data.size: expected at least 300M for xfs, found 100M',
  },
  {
    name: 'a partition with a name that is too long',
    config:
      'volumes:\n  docker: {label: docker, path: /var/lib/docker}\n  the-data-of-the-whole-department: {label: data, path: /srv}\ninstall: {volumes: {the-data-of-the-whole-department: {size: rest}}}\n',
    says: 'dock0.yaml:4:21: install.volumes.the-data-of-the-whole-department: expected a volume with a name of at most 29 letters: its partition is called volume-the-data-of-the-whole-department',
  },
  {
    name: 'a volume on /usr/lib/systemd',
    config:
      'volumes:\n  docker: {label: docker, path: /var/lib/docker}\n  data: {label: data, path: /usr/lib/systemd}\n',
    says: 'dock0.yaml:3:29: volumes.data.path: expected a folder for data, found "/usr/lib/systemd": a volume there would hide the system',
  },
  {
    name: 'a volume on /etc/systemd',
    config:
      'volumes:\n  docker: {label: docker, path: /var/lib/docker}\n  data: {label: data, path: /etc/systemd}\n',
    says: 'dock0.yaml:3:29: volumes.data.path: expected a folder for data, found "/etc/systemd": a volume there would hide the system',
  },
  {
    name: 'a volume on /lib/systemd/system',
    config:
      'volumes:\n  docker: {label: docker, path: /var/lib/docker}\n  data: {label: data, path: /lib/systemd/system}\n',
    says: 'dock0.yaml:3:29: volumes.data.path: expected a folder for data, found "/lib/systemd/system": a volume there would hide the system',
  },
  {
    name: 'a volume on /usr/lib64',
    config:
      'volumes:\n  docker: {label: docker, path: /var/lib/docker}\n  data: {label: data, path: /usr/lib64}\n',
    says: 'dock0.yaml:3:29: volumes.data.path: expected a folder for data, found "/usr/lib64": a volume there would hide the system',
  },
  {
    name: 'a volume on /etc/ssh',
    config:
      'volumes:\n  docker: {label: docker, path: /var/lib/docker}\n  data: {label: data, path: /etc/ssh}\n',
    says: 'dock0.yaml:3:29: volumes.data.path: expected a folder for data, found "/etc/ssh": a volume there would hide the system',
  },
  {
    name: 'a volume below /var/run',
    config:
      'volumes:\n  docker: {label: docker, path: /var/lib/docker}\n  data: {label: data, path: /var/run/x}\n',
    says: 'dock0.yaml:3:29: volumes.data.path: expected a folder that stays, found "/var/run/x": /run is mounted anew at each boot',
  },
  {
    name: 'a volume where the state is',
    config:
      'volumes:\n  docker: {label: docker, path: /var/lib/docker}\n  data: {label: data, path: /var/lib/systemd}\n',
    says: 'dock0.yaml:3:29: volumes.data.path: expected another folder, found "/var/lib/systemd": the state keeps /var/lib/systemd, and would be mounted over it',
  },
  {
    name: 'an option of ext4 for xfs',
    config:
      'volumes:\n  docker: {label: docker, path: /var/lib/docker}\n  data: {path: /srv, label: data, type: xfs, options: [data=ordered]}\n',
    says: 'dock0.yaml:3:56: volumes.data.options.0: expected an option of xfs, found "data=ordered", which is one of ext4',
  },
  {
    name: 'an option of btrfs for ext4',
    config:
      'volumes:\n  docker: {label: docker, path: /var/lib/docker}\n  data: {path: /srv, label: data, options: [subvol=x]}\n',
    says: 'dock0.yaml:3:45: volumes.data.options.0: expected an option of ext4, found "subvol=x", which is one of btrfs',
  },
  {
    name: 'an option and its contrary',
    config:
      'volumes:\n  docker: {label: docker, path: /var/lib/docker}\n  data: {path: /srv, label: data, options: [noexec, exec]}\n',
    says: 'dock0.yaml:3:45: volumes.data.options.0: expected exec or noexec, found both',
  },
  {
    name: 'a device with a slash at its end',
    config:
      'volumes:\n  docker: {label: docker, path: /var/lib/docker}\n  data: {path: /srv, device: /dev/vdb/}\n',
    says: 'dock0.yaml:3:30: volumes.data.device: expected a device such as /dev/vdb, without : and a / at its end, found "/dev/vdb/"',
  },
  {
    name: 'a device with a colon',
    config:
      'volumes:\n  docker: {label: docker, path: /var/lib/docker}\n  data: {path: /srv, device: /dev/disk/by-path/pci-0000:00:05.0}\n',
    says: 'dock0.yaml:3:30: volumes.data.device: expected a device such as /dev/vdb, without : and a / at its end, found "/dev/disk/by-path/pci-0000:00:05.0"',
  },
];

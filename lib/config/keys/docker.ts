import {
  anything,
  choice,
  device,
  fields,
  fileSystem,
  key,
  list,
  map,
  required,
  rootPath,
  section,
  text,
  whereabouts,
  yesNo,
} from './kinds';

/** Docker, and the file systems that hold its data and others. */
export const docker = {
  docker: section('Docker', {
    enabled: key(yesNo(), 'false for an image without Docker; the other keys are then ignored', true),
    engine: key(
      choice('auto', 'docker.io', 'docker-ce'),
      "Debian: the package of Docker, where `packages` has none; auto is docker-ce where `mirror` has Docker's own repository, else docker.io",
      'auto',
    ),
    storage: section("Where Docker's data is: never on the read-only root", {
      driver: key(
        choice('auto', 'overlay2', 'devicemapper', 'btrfs', 'zfs', 'vfs'),
        "Docker's storage driver; auto is overlay2, and from Docker 29 on the image store of containerd, on the same volume",
        'auto',
      ),
      volume: key(
        text('the name of a volume, or none', /^[a-z0-9][a-z0-9_-]*$/),
        'the one of `volumes` that holds the data; none only for devicemapper with a device',
        'docker',
      ),
      device: key(
        device(),
        'devicemapper only: device that holds the data (link devicemapper/devicemapper/data in `path`)',
      ),
      path: key(rootPath(), "Docker's data folder", '/var/lib/docker'),
    }),
    daemon: key(anything('a map'), 'further keys of /etc/docker/daemon.json', {}),
  }),
  volumes: key(
    map(
      text('a volume name of lower-case letters, digits, - and _', /^[a-z0-9][a-z0-9_-]{0,63}$/),
      fields({
        ...whereabouts,
        create: key(
          yesNo(),
          'whether the initramfs formats `device` where that is an empty disk, with `label`, by which the volume is found from then on; a disk that holds anything is never touched',
          false,
        ),
        path: required(rootPath(), 'mount point in the image'),
        type: key(fileSystem(), 'file system', 'ext4'),
        options: key(list(text('a mount option', /^[^\s,:]+$/), 'a list of mount options'), 'mount options', [
          'rw',
        ]),
      }),
      'a map of volumes',
    ),
    'file systems to mount before init starts; each has exactly one of label, uuid and device; with create, label and device',
    { docker: { label: 'docker', path: '/var/lib/docker' } },
  ),
};

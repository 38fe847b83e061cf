import {
  anything,
  choice,
  either,
  fields,
  fileSystem,
  key,
  list,
  map,
  paths,
  required,
  rootPath,
  section,
  size,
  text,
  treated,
  whereabouts,
  whole,
  yesNo,
} from './kinds';

/** What the image holds and how it is set up: the keys the `rootfs`, `pacstrap` and `customize` steps read. */

const unit = () => list(text('a unit such as docker.service', /^[A-Za-z0-9@:._\\-]+$/), 'a list of units');

const command = either(
  'a list of words, or a text for sh -c',
  list(text('a word'), 'a list of words'),
  text('a text for sh -c', /\S/),
);

export const system = {
  distribution: key(
    text('auto or the name of a distribution'),
    "what the image is made of; auto is the build host's own",
    'auto',
  ),
  release: key(
    text('auto or a release such as bookworm', /^[a-z][a-z0-9-]*$/),
    "release of the distribution, where it has any; auto is the build host's own",
    'auto',
  ),
  mirror: key(
    treated(
      either(
        'auto, a URL, a line of sources.list or a list of them',
        choice('auto'),
        list(text('a URL or a line of sources.list', /^(?!auto$)(deb \S.*|\S+)$/), 'a list of URLs'),
      ),
      { one: ['auto'] },
    ),
    "where packages come from, tried in order; auto is the build host's own sources",
    'auto',
  ),
  packages: key(
    treated(
      list(
        text('a package name', /^[A-Za-z0-9][A-Za-z0-9@_+.:/~=<>-]*$/),
        'a list of packages or a file that holds one a line',
      ),
      {
        lines: true,
      },
    ),
    'packages to install, or a file with one a line; what they depend on comes along, what they recommend does not',
    [],
  ),
  lock: key(
    treated(text('none or a file', /./), { path: 'file', maybe: true, except: /^none$/ }),
    'file that says which version of each package is installed, once `gulp lock` has written it; the default lies with the last --config file (for those of this package in the working directory); none ignores it',
    'dock0.lock',
  ),
  epoch: key(
    either('auto or seconds since 1970', choice('auto'), whole('seconds since 1970', 0)),
    'time of every file that the build makes; auto takes SOURCE_DATE_EPOCH, else the newest build date of the packages',
    'auto',
  ),
  fs: section('The build root', {
    backend: key(
      choice('overlay', 'image'),
      "stacked directories, or a sized file that is formatted and mounted (dock0's own way)",
      'overlay',
    ),
    size: key(size(), 'size of the file of the `image` backend', '4G'),
    type: key(fileSystem(), 'file system of the `image` backend', 'ext4'),
  }),
  hostname: key(
    text(
      'a host name',
      /^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$/,
    ),
    'host name; default: `name`',
  ),
  locale: key(text('a locale such as C.UTF-8', /^[A-Za-z0-9_.@-]+$/), 'LANG of the system', 'C.UTF-8'),
  timezone: key(
    text('a time zone such as Europe/Vienna', /^[A-Za-z0-9_+-]+(\/[A-Za-z0-9_+-]+)*$/),
    'time zone',
    'UTC',
  ),
  keymap: key(text('a console keymap such as de', /^[A-Za-z0-9_.-]+$/), 'keymap of the console'),
  root: section('The root account', {
    password: key(
      treated(
        text('locked or a crypt(3) hash, as `openssl passwd -6` prints', /^(locked|\$[0-9a-zA-Z]+\$\S+)$/),
        { secret: true },
      ),
      'locked, or the hash that goes into /etc/shadow',
      'locked',
    ),
    ssh_keys: key(
      treated(
        list(
          text(
            'a public key or a file that holds them',
            /^([^#]*[\s,"])?(ssh-|ecdsa-|sk-)\S+\s+[A-Za-z0-9+/=]+(\s.*)?$/,
          ),
          'a list of public keys or files',
        ),
        { one: [], lines: true, except: /\s/ },
      ),
      'public keys that may log in as root, or files that hold one a line',
      [],
    ),
  }),
  units: section('systemd units', {
    enable: key(unit(), 'units to enable', []),
    disable: key(unit(), 'units to disable', []),
    mask: key(unit(), 'units to mask', []),
  }),
  network: section('Network of the image', {
    dhcp: key(yesNo(), 'systemd-networkd with DHCP on every wired interface', true),
  }),
  overlay: key(
    paths('a folder', 'folder'),
    'folders copied onto the root in order; owner root, modes kept, see `permissions`',
    [],
  ),
  permissions: key(
    map(
      rootPath(),
      fields({
        mode: key(text("an octal mode in quotes, such as '0755'", /^[0-7]{3,4}$/), 'mode'),
        owner: key(
          text('user:group, names or numbers', /^[a-z0-9_-]+:[a-z0-9_-]+$/),
          'owner and group, as the image names them',
        ),
      }),
      'a map of paths in the image',
    ),
    'mode and owner of single paths, after overlay and templates',
    {},
  ),
  templates: key(
    paths('a folder', 'folder'),
    'as overlay; every file is rendered as an EJS template with the merged configuration first',
    [],
  ),
  scripts: key(
    paths('a folder', 'folder'),
    'folders whose executables are run on the build host, in name order, with DOCK0_ROOT and DOCK0_CONFIG',
    [],
  ),
  commands: section('Single commands, after the scripts', {
    chroot: key(list(command, 'a list of commands'), 'commands run inside the image', []),
    host: key(
      list(command, 'a list of commands'),
      'commands run on the build host with the environment of scripts',
      [],
    ),
  }),
  cleanup: section('What is taken out again, last', {
    users: key(list(text('a user name', /^[a-z_][a-z0-9_-]*\$?$/), 'a list of users'), 'users to remove', []),
    paths: key(
      list(rootPath(), 'a list of paths in the image'),
      'paths to remove; *, ? and [] match as in sh',
      [],
    ),
    packages: key(
      list(text('a package name', /^[A-Za-z0-9][A-Za-z0-9@_+.:-]*$/), 'a list of packages'),
      'packages to remove',
      [],
    ),
  }),
  docker: section('Docker', {
    enabled: key(yesNo(), 'false for an image without Docker: its storage and settings are left out', true),
    storage: section("Where Docker's data lies: never on the read-only root", {
      driver: key(
        choice('overlay2', 'devicemapper', 'btrfs', 'zfs', 'vfs'),
        "Docker's storage driver",
        'overlay2',
      ),
      volume: key(
        text('the name of a volume, or none', /^[a-z0-9][a-z0-9_-]*$/),
        'volume, one of `volumes`, that the data lies on; none only with devicemapper and a device',
        'docker',
      ),
      device: key(
        text('a device such as /dev/vdb', /^\/dev\/[^\s:]+$/),
        'devicemapper: device that holds the data (the link /var/lib/docker/devicemapper/devicemapper/data)',
      ),
      path: key(rootPath(), "Docker's data folder", '/var/lib/docker'),
    }),
    daemon: key(anything('a map'), 'merged into /etc/docker/daemon.json', {}),
  }),
  volumes: key(
    map(
      text('a volume name of lower-case letters, digits, - and _', /^[a-z0-9][a-z0-9_-]*$/),
      fields({
        ...whereabouts,
        path: required(rootPath(), 'where it is mounted in the image'),
        type: key(fileSystem(), 'file system', 'ext4'),
        options: key(list(text('a mount option', /^[^\s,:]+$/), 'a list of mount options'), 'mount options', [
          'rw',
        ]),
      }),
      'a map of volumes',
    ),
    'file systems mounted before init; each has exactly one of label, uuid and device',
    { docker: { label: 'docker', path: '/var/lib/docker' } },
  ),
};

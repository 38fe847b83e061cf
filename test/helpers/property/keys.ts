/** A step that reads something; `all` is who may read any key. */
export type Reader =
  | 'rootfs'
  | 'pacstrap'
  | 'customize'
  | 'host'
  | 'kernel'
  | 'initramfs'
  | 'squash'
  | 'install'
  | 'all';

/** A key, values that are valid for it, and who reads it besides the manifest, which has every key. */
export type Mutable = readonly [path: string, values: readonly unknown[], readers: readonly Reader[]];

const NONE = undefined;
/** Of the passwords `one` and `two`. */
const HASHES = [
  '$6$salt$EEXGAjibyFMeVKZQ.hqu21bZxtPAcDsUycKljM8jLB3WNLnS6rQvoVxQYYXX132xHBSnvrJvxwgAJs3leXs5p/',
  '$6$salt$YBMliyNjyO6srA0PUHb40yiODpPny2ei1jipSMG6SJX4zPlOEzoxr4eLVAHiIEQ7IIOJi.Z.dOhYXqqJaE4op1',
];
const DATA = { label: 'data', path: '/data' };

/** Keys whose lists are changed item by item. */
export const LISTS = ['overlay', 'templates', 'scripts', 'hooks', 'commands.chroot', 'commands.host'];

/** The other keys that are changed. */
export const KEYS: readonly Mutable[] = [
  ['include', [NONE, ['./more.yaml'], ['./other.yaml', './more.yaml'], ['./more.yaml', './other.yaml']], []],
  ['secrets', [NONE, { KEY: './secret' }], []],
  ['vars.word', ['zero', 'one', 'two'], []],
  [
    'vars.other',
    [
      [1, 2],
      [2, 1],
    ],
    [],
  ],
  ['init', ['auto', 'none'], []],
  ['lock', ['none', 'dock0.lock'], []],
  ['epoch', ['auto', 1_700_000_000, 1_800_000_000], ['pacstrap']],
  ['fs.backend', ['overlay', 'image'], ['rootfs']],
  ['fs.size', ['128M', '160M'], ['rootfs']],
  ['fs.type', ['ext4', 'btrfs'], ['rootfs']],
  ['hostname', ['one', 'two.example'], ['host']],
  ['locale', ['C.UTF-8', 'POSIX'], ['customize', 'host']],
  ['root.password', ['locked', HASHES[0], HASHES[1]], ['customize', 'host']],
  [
    'root.ssh_keys',
    [
      ['ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAICoVS+XZw2zOvRH+vA2WGnO+QaNoBn7gnZ6ah3eRcLZM me'],
      ['ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILG02Cs9HJ7J27rn8Krmh3zyOFyv28A5CqtUuFa1/JUJ me'],
    ],
    ['customize', 'host'],
  ],
  [
    'users.me',
    [
      NONE,
      {},
      { uid: 1234, groups: ['games'] },
      { uid: 1234, groups: ['games', 'nobody'], password: HASHES[0] },
      { ssh_keys: ['ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAICoVS+XZw2zOvRH+vA2WGnO+QaNoBn7gnZ6ah3eRcLZM me'] },
    ],
    ['customize', 'host'],
  ],
  ['network.dhcp', [true, false], ['host']],
  [
    'network.interfaces.eth0',
    [
      NONE,
      { dhcp: true },
      { addresses: ['192.0.2.7/24'], gateway: '192.0.2.1', mtu: 1400 },
      { addresses: ['192.0.2.7/24', '192.0.2.8/24'] },
      { addresses: ['192.0.2.8/24', '192.0.2.7/24'] },
    ],
    ['host'],
  ],
  [
    'network.interfaces.lan',
    [NONE, { bridge: {} }, { bridge: {}, addresses: ['198.51.100.1/24'] }],
    ['host'],
  ],
  [
    'permissions',
    [
      {},
      { '/sbin/init': { mode: '0700' } },
      { '/bin/busybox': { mode: '4755' } },
      { '/bin/busybox': { mode: '0755' }, '/sbin/init': { mode: '0755' } },
      { '/sbin/init': { mode: '0755' }, '/bin/busybox': { mode: '0755' } },
    ],
    ['customize'],
  ],
  ['cleanup.paths', [[], ['/etc/x'], ['/etc/*'], ['/etc/t.conf', '/etc/x']], ['customize']],
  ['cleanup.users', [[], ['nobody'], ['nobody', 'games']], ['customize']],
  ['commands.network', [true, false], ['customize', 'host']],
  [
    'volumes.data',
    [
      DATA,
      { ...DATA, label: 'more' },
      { ...DATA, type: 'xfs' },
      { ...DATA, options: ['rw', 'noatime'] },
      { ...DATA, options: ['noatime', 'rw'] },
      { path: '/data', uuid: '0a1b2c3d-0001-4002-8003-0a1b2c3d4e5f' },
      { path: '/data', device: '/dev/vdb' },
      { ...DATA, device: '/dev/vdb', create: true },
      null,
    ],
    ['customize', 'host', 'initramfs', 'kernel'],
  ],
  ['state.volume', ['auto', 'none'], ['initramfs']],
  [
    'state.paths',
    [[], ['/srv/kept'], ['/srv/kept', { path: '/etc/kept', kind: 'file', mode: '0600' }]],
    ['initramfs'],
  ],
  ['time.servers', [[], ['ntp.example.org'], ['10.0.0.1', 'ntp.example.org']], ['customize', 'host']],
  [
    'sysctl',
    [{}, { 'vm.swappiness': 10 }, { 'vm.swappiness': 10, 'net.core.somaxconn': 99 }],
    ['customize', 'host'],
  ],
  ['modules.load', [[], ['loop'], ['loop', 'tun']], ['customize', 'host']],
  ['modules.options', [{}, { loop: { max_loop: 9 } }], []],
  ['consoles', [['tty0'], ['tty0', 'ttyS0,115200'], []], []],
  ['system.panic', [10, 0, 5], []],
  ['system.watchdog', ['off', 30], ['customize', 'host']],
  ['swap', [NONE, { zram: '50%' }, { zram: '100%' }], ['customize', 'host', 'kernel']],
  ['kernel.file', ['./vmlinuz', './vmlinuz2'], ['kernel']],
  ['kernel.modules', ['none', './modules'], ['kernel', 'initramfs', 'pacstrap']],
  ['kernel.config_file', [NONE, './config'], ['kernel', 'pacstrap']],
  ['kernel.cmdline', [['quiet'], ['quiet', 'foo=1'], ['foo=1', 'quiet']], []],
  ['initramfs.timeout', [30, 31, 5], ['initramfs']],
  ['initramfs.compression', ['zstd', 'gzip', 'none'], ['initramfs', 'kernel']],
  ['initramfs.level', [NONE, 3, 9], ['initramfs']],
  ['initramfs.modules', ['auto', ['ext4'], ['virtio_blk', 'ext4']], ['initramfs', 'kernel']],
  [
    'initramfs.hooks',
    [
      ['base', 'dock0'],
      ['base', 'beep', 'dock0'],
      ['beep', 'base', 'dock0'],
    ],
    ['initramfs'],
  ],
  [
    'initramfs.hooks_dir',
    [['./hooks'], ['./hooks', './more-hooks'], ['./more-hooks', './hooks']],
    ['initramfs'],
  ],
  ['squash.compression', ['zstd', 'gzip', 'lz4'], ['squash', 'kernel']],
  ['squash.level', [NONE, 1, 2], ['squash']],
  ['squash.block', ['128K', '256K', '64K'], ['squash']],
  ['squash.layout', ['layered', 'single'], ['squash']],
  ['install.target', ['directory', 'image', 'netboot'], ['kernel', 'customize', 'initramfs']],
  ['install.url', [NONE, 'http://192.0.2.1/', 'http://192.0.2.2/'], []],
  ['install.label', ['dock0', 'other'], ['kernel']],
  ['install.releases', [2, 3], []],
  ['install.tries', [3, 1], []],
  ['install.layout', ['gpt', 'filesystem'], ['customize', 'initramfs']],
  ['install.formats', [[], ['vhd'], ['qcow2', 'vhd'], ['vhd', 'qcow2']], []],
  ['install.size', ['auto', '256M'], []],
  ['install.volumes', [{}, { data: { size: '20M' } }, { data: { size: 'rest' } }], ['kernel', 'initramfs']],
  ['install.cow', ['tmpfs', { label: 'cow' }, { device: '/dev/vdz' }], ['kernel', 'initramfs']],
  ['verify.memory', ['1G', '2G'], []],
  ['verify.timeout', [300, 200], []],
  ['verify.cpus', [1, 2], []],
  ['verify.boots', [1, 2], []],
  ['verify.network', ['user', 'none'], []],
];

const NO_JOURNAL = 'the image of the test has no journal';
const NO_PACKAGES = 'the distribution of the test has one package and no repositories';
const NO_DOCKER = 'the image of the test has no Docker';
const NO_SYSTEMD = 'the image of the test has no systemd';
const FROM_SOURCE = 'a kernel from source takes minutes: the tests of the kernel change it';

/** Keys that are not changed, and why. */
export const FIXED: Readonly<Record<string, string>> = {
  'install.loader': 'another one changes what else may be stated; a test of its own builds with it',
  'install.uki': 'only with another boot loader',
  'install.secure_boot': 'only with another boot loader; a test of its own signs',
  'health.commands': NO_SYSTEMD,
  'health.timeout': NO_SYSTEMD,
  name: 'another name is another build',
  distribution: NO_PACKAGES,
  release: NO_PACKAGES,
  mirror: NO_PACKAGES,
  backports: NO_PACKAGES,
  packages: NO_PACKAGES,
  exclude: NO_PACKAGES,
  pacman: NO_PACKAGES,
  'cleanup.packages': NO_PACKAGES,
  timezone: 'the image of the test has no zones',
  keymap: NO_SYSTEMD,
  'logs.persistent': NO_JOURNAL,
  'logs.size': NO_JOURNAL,
  'logs.containers': NO_DOCKER,
  prune: NO_DOCKER,
  'time.wait': NO_DOCKER,
  'state.ssh_host_keys': 'a test of its own has keys made for it, as secrets',
  ssh: 'the image of the test has no SSH server',
  firewall: 'the image of the test has no nft',
  units: NO_SYSTEMD,
  docker: NO_DOCKER,
  containers: NO_DOCKER,
  compose: NO_DOCKER,
  images: NO_DOCKER,
  'initramfs.builder': 'mkinitcpio comes in a package',
  'kernel.provider': FROM_SOURCE,
  'kernel.package': NO_PACKAGES,
  'kernel.source': FROM_SOURCE,
  'kernel.base': FROM_SOURCE,
  'kernel.fragments': FROM_SOURCE,
  'kernel.options': FROM_SOURCE,
  'kernel.patches': FROM_SOURCE,
  'kernel.revision': FROM_SOURCE,
  'kernel.make': FROM_SOURCE,
  'deploy.provider': 'it has one value',
};

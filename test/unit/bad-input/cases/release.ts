import { generateKeyPairSync } from 'node:crypto';
import type { BadInput } from '../table';

const SECURE =
  'install: {loader: systemd-boot, uki: true, secure_boot: {key: own.key, certificate: own.crt}}\n';
const SIGNING = {
  'own.key': generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({
    type: 'pkcs8',
    format: 'pem',
  }),
  // Of another key.
  'own.crt': `-----BEGIN CERTIFICATE-----
MIIBbjCCARWgAwIBAgIUE1E82pm51RQkjl/wwKYPfbStH1YwCgYIKoZIzj0EAwIwDDEKMAgGA1UEAwwBeDAgFw0yNjExMzAyMTM1MjZaGA8yMTI2MTEwNjIxMzUyNlowDDEKMAgGA1UEAwwBeDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABMOim5FG0hq+V+vpTIFKCI/pa4iN6t8XuI0M3KNrgNCqtK22rziW2haeQ59gQzEHjBZi0SZFsUVT7S+9ttobPBKjUzBRMB0GA1UdDgQWBBTfqAcughjDlpPmTMJRtvBI72XF7zAfBgNVHSMEGDAWgBTfqAcughjDlpPmTMJRtvBI72XF7zAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0cAMEQCIB5NJyd/B+6kPx5PZpTPAC4Pn/MeYtLBg+ITGHMwMPyaAiBq5DtwIJw35qbRgP46C3mcGZzHM18xlwgyU1jKlBwW2w==
-----END CERTIFICATE-----
`,
};

/** Hooks, folders, the initramfs and where packages come from. */
export const CASES: readonly BadInput[] = [
  {
    name: 'a hook of no step',
    config: 'hooks: {pre-sqash: []}\n',
    says: 'dock0.yaml:1:9: hooks.pre-sqash: expected pre- or post- and the name of a step, found "pre-sqash"; did you mean pre-squash?',
  },
  {
    name: 'a hook of a step there is not',
    config: 'hooks: {pre-deploy: []}\n',
    says: 'dock0.yaml:1:9: hooks.pre-deploy: expected pre- or post- and the name of a step, found "pre-deploy"; steps: rootfs, pacstrap, customize, kernel, initramfs, squash, install',
  },
  {
    name: 'a hook that is not executable',
    config: 'hooks: {pre-squash: plain}\n',
    files: { plain: '' },
    says: 'dock0.yaml:1:21: hooks.pre-squash: expected an executable, found "plain": it is not executable (chmod +x)',
  },
  {
    name: 'an overlay that does not exist',
    config: 'overlay: overlya\n',
    files: { 'overlay/x': '' },
    says: 'dock0.yaml:1:10: overlay: expected a folder, found "overlya": no such file or folder; did you mean "overlay"?',
  },
  {
    name: 'an overlay that is a file',
    config: 'overlay: file\n',
    files: { file: '' },
    says: 'dock0.yaml:1:10: overlay: expected a folder, found "file": it is not a folder',
  },
  {
    name: 'an empty path',
    config: 'overlay: ""\n',
    says: 'dock0.yaml:1:10: overlay: expected a folder, found an empty string',
  },
  {
    name: 'a module with blanks',
    config: 'initramfs: {modules: [virtio blk]}\n',
    says: 'dock0.yaml:1:23: initramfs.modules.0: expected a module name, or auto, found "virtio blk"',
  },
  {
    name: 'a level of the initramfs that gzip lacks',
    config: 'initramfs: {compression: gzip, level: 19}\n',
    says: 'dock0.yaml:1:39: initramfs.level: expected a whole number from 1 to 9 for gzip, found the number 19',
  },
  {
    name: 'an empty command',
    config: 'commands: {chroot: ["  "]}\n',
    says: 'dock0.yaml:1:21: commands.chroot.0: expected a string for sh -c, found "  "',
  },
  {
    name: 'an unknown distribution',
    config: 'distribution: debain\n',
    says: 'dock0.yaml:1:15: distribution: expected one of auto, arch, debian, found "debain"; did you mean "debian"?',
  },
  {
    name: 'a misspelt release',
    config: 'distribution: debian\nrelease: bookwrom\n',
    says: 'dock0.yaml:2:10: release: expected the code name of a release, such as trixie or sid, found bookwrom; did you mean bookworm?',
  },
  {
    name: 'mkinitcpio on Debian',
    config: 'distribution: debian\ninitramfs: {builder: mkinitcpio}\n',
    says: 'dock0.yaml:2:22: initramfs.builder: expected dock0, found mkinitcpio, which debian does not have',
  },
  {
    name: 'a mirror with a misspelt scheme',
    config: 'distribution: debian\nmirror: htps://deb.example.org\n',
    says: 'dock0.yaml:2:9: mirror.0: expected a URL, found "htps://deb.example.org"; did you mean https://deb.example.org?',
  },
  {
    name: 'half a line of sources.list',
    config: 'distribution: debian\nmirror: ["deb http://deb.example.org"]\n',
    says: 'dock0.yaml:2:10: mirror.0: expected `deb [options] URL SUITE COMPONENT…` as in sources.list, found "deb http://deb.example.org"',
  },
  {
    name: "Debian's mirror line on Arch",
    config: 'distribution: arch\nmirror: ["deb http://x bookworm main"]\n',
    says: 'dock0.yaml:2:10: mirror.0: expected an http, https or file URL, found "deb http://x bookworm main"; a line of sources.list is Debian\'s',
  },
  {
    name: 'an unknown SigLevel',
    config: 'distribution: arch\npacman: {sig_level: Requird}\n',
    says: 'dock0.yaml:2:21: pacman.sig_level: expected words of a SigLevel, found "Requird"; did you mean Required?',
  },
  {
    name: 'a day that does not exist',
    config: 'distribution: arch\npacman: {snapshot: 2026-02-31}\n',
    says: 'dock0.yaml:2:20: pacman.snapshot: expected a date such as 2026-11-01, found 2026-02-31, which is not a valid date',
  },
  {
    name: 'a day in the future',
    config: 'distribution: arch\npacman: {snapshot: 2999-01-01}\n',
    says: 'dock0.yaml:2:20: pacman.snapshot: expected a day that the archive has, found 2999-01-01, which is in the future',
  },
  {
    name: 'a repository named options',
    config: 'distribution: arch\npacman: {repositories: [{name: options, server: "http://x"}]}\n',
    says: 'dock0.yaml:2:32: pacman.repositories.0.name: expected a repository name, found "options"',
  },
  {
    name: 'two repositories of one name',
    config:
      'distribution: arch\npacman: {repositories: [{name: own, server: "http://x"}, {name: own, server: "http://y"}]}\n',
    says: 'dock0.yaml:2:65: pacman.repositories.1.name: expected a name of its own, found "own" a second time',
  },
  {
    name: 'the key that exclude was once',
    config: 'distribution: arch\npacman: {no_extract: [usr/share/doc/*]}\n',
    says: 'dock0.yaml:2:10: pacman.no_extract: unknown key: it is `exclude` now, with paths that begin with / (/usr/share/doc/*)',
  },
  {
    name: 'a hook of the initramfs that is misspelt',
    config: 'initramfs: {hooks: [base, dcok0]}\n',
    says: 'dock0.yaml:1:27: initramfs.hooks.1: there is no hook "dcok0"; did you mean "dock0"?',
  },
  {
    name: 'a hook of the initramfs twice',
    config: 'initramfs: {hooks: [base, dock0, base]}\n',
    says: 'dock0.yaml:1:34: initramfs.hooks.2: expected each hook once, found "base" twice',
  },
  ...['deb.debian.org', './repo', 'http://'].map((mirror) => ({
    name: `a mirror ${mirror}`,
    config: `distribution: debian\nmirror: ${mirror}\n`,
    says: `dock0.yaml:2:9: mirror.0: expected a URL such as http://deb.debian.org/debian, found "${mirror}"`,
  })),
  {
    name: 'a line of sources.list with options that never end',
    config: 'distribution: debian\nmirror: "deb [signed-by=/x http://deb.debian.org/debian bookworm main"\n',
    says: 'dock0.yaml:2:9: mirror.0: expected `deb [options] URL SUITE COMPONENT…` as in sources.list, found "deb [signed-by=/x http://deb.debian.org/debian bookworm main"',
  },
  {
    name: 'no mirror at all',
    config: 'distribution: debian\nmirror: []\n',
    says: 'dock0.yaml:2:1: mirror: expected auto, or one source at least, found an empty list',
  },
  {
    name: 'hooks of which none mounts the root',
    config: 'name: web\ninitramfs: {hooks: [base, mine], hooks_dir: hooks}\n',
    files: { 'hooks/mine': '# mount_handler=x\nrun_hook() { :; }\n' },
    says: 'dock0.yaml:2:13: initramfs.hooks: no hook mounts the root: the machine would stop in the initramfs; add "dock0", or a hook of your own in initramfs.hooks_dir that sets mount_handler',
  },
  {
    name: "hooks of mkinitcpio's own, which mount no release",
    config: 'distribution: arch\ninitramfs: {builder: mkinitcpio, hooks: [base, udev, block, filesystems]}\n',
    says: 'dock0.yaml:2:34: initramfs.hooks: no hook mounts the root: the machine would stop in the initramfs; add "dock0", or a hook of your own in initramfs.hooks_dir that sets mount_handler',
  },
  {
    name: 'a mirror beside a day of the archive',
    config: "distribution: arch\nmirror: https://m.example\npacman: {snapshot: '2026-11-01'}\n",
    says: 'dock0.yaml:3:20: pacman.snapshot: expected a snapshot or `mirror`, found both: remove one of them; `mirror` may also be the URL of an archive of that day',
  },
  {
    name: 'a URL of layers without a scheme',
    config: 'install: {target: netboot, url: 192.0.2.1/dock0}\n',
    says: 'dock0.yaml:1:33: install.url: expected a URL such as http://192.0.2.1/dock0/, found "192.0.2.1/dock0"',
  },
  {
    name: 'a URL of layers with encryption',
    config: 'install: {target: netboot, url: "https://boot.example.org/"}\n',
    says: 'dock0.yaml:1:33: install.url: expected a URL such as http://192.0.2.1/dock0/, found "https://boot.example.org/"',
  },
  {
    name: 'a URL of layers with a variable of iPXE',
    config: 'install: {target: netboot, url: "http://192.0.2.1/$mac"}\n',
    says: 'dock0.yaml:1:33: install.url: expected a URL such as http://192.0.2.1/dock0/, found "http://192.0.2.1/$mac"',
  },
  {
    name: 'a URL of layers with a question',
    config: 'install: {target: netboot, url: "http://192.0.2.1/?release=1"}\n',
    says: 'dock0.yaml:1:33: install.url: expected a URL such as http://192.0.2.1/dock0/, found "http://192.0.2.1/?release=1"',
  },
  {
    name: 'mkinitcpio for machines that boot over the network',
    config:
      'distribution: arch\npackages: [mkinitcpio]\ninstall: {target: netboot}\ninitramfs: {builder: mkinitcpio}\n',
    says: 'dock0.yaml:4:22: initramfs.builder: expected dock0, found mkinitcpio: install.target is netboot, and its busybox does not fetch layers',
  },
  {
    name: 'a word of the command line that iPXE takes for its own',
    config: 'install: {target: netboot}\nkernel: {cmdline: [quiet, "||"]}\n',
    says: 'dock0.yaml:2:27: kernel.cmdline.1: expected a word that boot.ipxe can pass on, found "||": iPXE has a meaning for it',
  },
  {
    name: 'a unified kernel image for GRUB',
    config: 'install: {uki: true}\n',
    says: 'dock0.yaml:1:16: install.uki: expected it with install.loader systemd-boot, found grub, which starts no unified kernel images',
  },
  {
    name: 'systemd-boot on a disk without partitions',
    config: 'install: {layout: filesystem, loader: systemd-boot}\n',
    says: 'dock0.yaml:1:39: install.loader: expected grub for install.layout filesystem, found "systemd-boot": it needs an EFI system partition',
  },
  {
    name: 'a misspelt boot loader',
    config: 'install: {loader: systemdboot}\n',
    says: 'dock0.yaml:1:19: install.loader: expected one of grub, systemd-boot, found "systemdboot"; did you mean "systemd-boot"?',
  },
  {
    name: 'Secure Boot for a kernel whose initramfs nothing checks',
    config: SECURE.replace(' uki: true,', ''),
    files: SIGNING,
    secret: ['own.key'],
    says: 'dock0.yaml:1:33: install.secure_boot: expected it with install.uki, found uki false: nothing would check the initramfs and the command line',
  },
  {
    name: 'a key for signatures that others may read',
    config: SECURE,
    files: SIGNING,
    says: 'dock0.yaml:1:63: install.secure_boot.key: expected a file that only its owner may read; `chmod 600` makes it one',
  },
  {
    name: 'a key for signatures that is none',
    config: SECURE,
    files: { ...SIGNING, 'own.key': 'secret\n' },
    secret: ['own.key'],
    says: 'dock0.yaml:1:63: install.secure_boot.key: expected a private key in PEM, without a passphrase: the file has no line -----BEGIN …',
  },
  {
    name: 'a certificate for signatures in place of which is the key',
    config: SECURE,
    files: { ...SIGNING, 'own.crt': SIGNING['own.key'] },
    secret: ['own.key'],
    says: 'dock0.yaml:1:85: install.secure_boot.certificate: expected a certificate in PEM',
  },
  {
    name: 'a certificate for signatures that is that of another key',
    config: SECURE,
    files: SIGNING,
    secret: ['own.key'],
    says: 'dock0.yaml:1:85: install.secure_boot.certificate: expected the certificate of install.secure_boot.key, found one of another key',
  },
  {
    name: 'Secure Boot without a certificate',
    config: 'install: {loader: systemd-boot, uki: true, secure_boot: {key: own.key}}\n',
    files: SIGNING,
    secret: ['own.key'],
    says: 'dock0.yaml:1:44: install.secure_boot.certificate: expected a file, found nothing',
  },
];

import { existsSync } from 'node:fs';
import type { Config } from '../lib/config/schema';
import { DISTRIBUTION_KEYS } from '../lib/pacman/keyring';
import { distributionOf } from '../lib/system/host';
import { findTool } from '../lib/system/process';

/** Something of the host's that a step calls, and the package that brings it. */
export interface Tool {
  name: string;
  neededBy: string[];
  /** Its package on a Debian and on an Arch host; undefined where there is none. */
  debian: string | undefined;
  arch: string | undefined;
  /** Files of which one is there, of what is no command. */
  files: readonly string[];
}

type Row = [name: string, debian: string | undefined, arch: string | undefined, ...files: string[]];

const BASE: Row[] = [
  ['setpriv', 'util-linux', 'util-linux'],
  ['unshare', 'util-linux', 'util-linux'],
  ['nsenter', 'util-linux', 'util-linux'],
  ['flock', 'util-linux', 'util-linux'],
  ['mount', 'mount', 'util-linux'],
  ['getfattr', 'attr', 'attr'],
];
const DEBIAN: Row[] = [
  ['apt-get', 'apt', 'apt'],
  ['mmdebstrap', 'mmdebstrap', 'mmdebstrap'],
  ['dpkg-deb', 'dpkg', 'dpkg'],
];
const ARCH: Row[] = [
  ['pacman', 'pacman-package-manager', 'pacman'],
  ['pacstrap', 'arch-install-scripts', 'arch-install-scripts'],
  ['gpg', 'gnupg', 'gnupg'],
  ['curl', 'curl', 'curl'],
  ['bsdtar', 'libarchive-tools', 'libarchive'],
  ["Arch's keys", 'archlinux-keyring', 'archlinux-keyring', ...DISTRIBUTION_KEYS],
];
const SOURCE_KERNEL: Row[] = [
  ['make', 'make', 'make'],
  ['gcc', 'gcc', 'gcc'],
  ['flex', 'flex', 'flex'],
  ['bison', 'bison', 'bison'],
  ['bc', 'bc', 'bc'],
  ['perl', 'perl', 'perl'],
  ['xz', 'xz-utils', 'xz'],
  ['patch', 'patch', 'patch'],
  ['libelf', 'libelf-dev', 'libelf', '/usr/include/gelf.h'],
  ['openssl headers', 'libssl-dev', 'openssl', '/usr/include/openssl/opensslv.h'],
];
const BUSYBOX: Row = ['busybox', 'busybox-static', 'busybox'];
const MKFS: Record<string, Row> = {
  ext4: ['mkfs.ext4', 'e2fsprogs', 'e2fsprogs'],
  xfs: ['mkfs.xfs', 'xfsprogs', 'xfsprogs'],
  btrfs: ['mkfs.btrfs', 'btrfs-progs', 'btrfs-progs'],
};
const QEMU: Record<string, Row> = {
  x64: ['qemu-system-x86_64', 'qemu-system-x86', 'qemu-base'],
  arm64: ['qemu-system-aarch64', 'qemu-system-arm', 'qemu-system-aarch64'],
};

/** The tools that a configuration's steps call on this host. */
export function toolsFor(config: Config): Tool[] {
  const distribution = config.distribution === 'auto' ? distributionOf() : config.distribution;
  const { kernel, fs, install, initramfs } = config;
  const groups: [string, Row[]][] = [
    ['every step', BASE],
    ['pacstrap', distribution === 'arch' ? ARCH : DEBIAN],
    ['kernel', [['depmod', 'kmod', 'kmod'], ...(kernel.provider === 'source' ? SOURCE_KERNEL : [])]],
    [
      'kernel',
      kernel.source.signature === undefined && kernel.source.version === undefined
        ? []
        : [['gpgv', 'gpgv', 'gnupg']],
    ],
    ['rootfs', fs.backend === 'image' ? [MKFS[fs.type] as Row] : []],
    ['initramfs', initramfs.builder === 'dock0' ? [BUSYBOX] : []],
    [
      'initramfs',
      initramfs.builder === 'dock0' && initramfs.compression === 'zstd' ? [['zstd', 'zstd', 'zstd']] : [],
    ],
    ['squash', [['mksquashfs', 'squashfs-tools', 'squashfs-tools']]],
    ['install', install.target === 'image' ? [['debugfs', 'e2fsprogs', 'e2fsprogs']] : []],
    ['verify', [QEMU[process.arch] ?? (QEMU.x64 as Row), ['mke2fs', 'e2fsprogs', 'e2fsprogs'], BUSYBOX]],
  ];
  const tools = new Map<string, Tool>();
  for (const [step, rows] of groups) {
    for (const [name, debian, arch, ...files] of rows) {
      const known = tools.get(name);
      if (known !== undefined) known.neededBy.push(step);
      else tools.set(name, { name, neededBy: [step], debian, arch, files });
    }
  }
  return [...tools.values()];
}

/** Where a tool is on this host; undefined when it is missing. */
export function locateTool({ name, files }: Pick<Tool, 'name' | 'files'>): string | undefined {
  if (files.length === 0) return findTool(name);
  return files.find((file) => existsSync(file));
}

/** The package that brings a tool on a host, default: this one. */
export function packageOf(tool: Tool, host = distributionOf()): string | undefined {
  return tool[host];
}

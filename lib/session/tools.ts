import { existsSync } from 'node:fs';
import type { Config } from '../config/schema';
import { DISTRIBUTION_KEYS } from '../distributions/arch/keyring';
import { kernelTools } from '../kernel/tools';
import { distributionOf } from '../system/host';
import { findTool } from '../system/process';

/** Something of the host's that a step calls, and the package that brings it. */
export interface Tool {
  name: string;
  neededBy: string[];
  /** Its package on a Debian and on an Arch host; undefined where there is none. */
  debian: string | undefined;
  arch: string | undefined;
  /** Files of which one is there, of what is no command. */
  files: readonly string[];
  /** The steps do without it: what it is for is slower, or a task of its own. */
  optional: boolean;
}

/** What a step calls. */
export interface ToolGroup {
  step: string;
  rows: Row[];
  optional?: boolean;
}

/** A tool and its packages, as in `Tool`. */
export type Row = [name: string, debian: string | undefined, arch: string | undefined, ...files: string[]];

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
const BUSYBOX: Row = ['busybox', 'busybox-static', 'busybox'];
const ZSTD: Row = ['zstd', 'zstd', 'zstd'];
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
  const { fs, install, initramfs } = config;
  const dock0 = initramfs.builder === 'dock0';
  const groups: ToolGroup[] = [
    { step: 'every step', rows: BASE },
    { step: 'pacstrap', rows: distribution === 'arch' ? ARCH : DEBIAN },
    ...kernelTools(config),
    { step: 'rootfs', rows: fs.backend === 'image' ? [MKFS[fs.type] as Row] : [] },
    { step: 'initramfs', rows: dock0 ? [BUSYBOX] : [] },
    { step: 'initramfs', rows: dock0 && initramfs.compression === 'zstd' ? [ZSTD] : [] },
    { step: 'squash', rows: [['mksquashfs', 'squashfs-tools', 'squashfs-tools']] },
    { step: 'install', rows: install.target === 'image' ? [['debugfs', 'e2fsprogs', 'e2fsprogs']] : [] },
    {
      step: 'verify',
      rows: [QEMU[process.arch] ?? (QEMU.x64 as Row), ['mke2fs', 'e2fsprogs', 'e2fsprogs'], BUSYBOX],
    },
  ];
  const tools = new Map<string, Tool>();
  for (const { step, rows, optional = false } of groups) {
    for (const [name, debian, arch, ...files] of rows) {
      const known = tools.get(name);
      if (known === undefined) tools.set(name, { name, neededBy: [step], debian, arch, files, optional });
      else {
        if (!known.neededBy.includes(step)) known.neededBy.push(step);
        known.optional &&= optional;
      }
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

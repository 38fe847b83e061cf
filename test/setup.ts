import { existsSync } from 'node:fs';
import { run } from '../lib/system/process';

/** Installs what the tests call on a Debian host, besides what they build with; does nothing when all is there. */
const PACKAGES: Record<string, string> = {
  '/usr/bin/mmdebstrap': 'mmdebstrap',
  '/usr/bin/getfattr': 'attr',
  '/usr/bin/mksquashfs': 'squashfs-tools',
  '/usr/bin/busybox': 'busybox-static',
  '/usr/bin/qemu-system-x86_64': 'qemu-system-x86',
  '/usr/bin/qemu-img': 'qemu-utils',
  '/usr/bin/cpio': 'cpio',
  '/usr/bin/bsdcpio': 'libarchive-tools',
  '/usr/bin/shellcheck': 'shellcheck',
  '/usr/bin/zstd': 'zstd',
  '/usr/sbin/depmod': 'kmod',
  '/usr/bin/pacman': 'pacman-package-manager',
  '/usr/bin/makepkg': 'makepkg',
  '/usr/bin/pacstrap': 'arch-install-scripts',
  '/usr/bin/gpg': 'gnupg',
  '/usr/bin/curl': 'curl',
  '/usr/bin/ssh': 'openssh-client',
  '/usr/sbin/nft': 'nftables',
  '/usr/sbin/ip': 'iproute2',
  '/usr/lib/systemd/systemd-networkd': 'systemd',
  '/usr/sbin/mkfs.xfs': 'xfsprogs',
  '/usr/sbin/mkfs.btrfs': 'btrfs-progs',
  '/usr/bin/skopeo': 'skopeo',
  '/usr/bin/grub-mkimage': 'grub-common',
  '/usr/lib/grub/i386-pc/kernel.img': 'grub-pc-bin',
  '/usr/lib/grub/x86_64-efi/kernel.img': 'grub-efi-amd64-bin',
  '/usr/share/OVMF/OVMF_CODE_4M.fd': 'ovmf',
  '/usr/sbin/sfdisk': 'fdisk',
  '/usr/sbin/mkfs.fat': 'dosfstools',
  '/usr/bin/mcopy': 'mtools',
  '/usr/lib/systemd/boot/efi/systemd-bootx64.efi': 'systemd-boot-efi',
  '/usr/bin/sbsign': 'sbsigntool',
  '/usr/bin/faketime': 'faketime',
  '/usr/bin/openssl': 'openssl',
  '/usr/bin/docker-registry': 'docker-registry',
  '/usr/bin/make': 'make',
  '/usr/bin/gcc': 'gcc',
  '/usr/bin/flex': 'flex',
  '/usr/bin/bison': 'bison',
  '/usr/bin/bc': 'bc',
  '/usr/bin/patch': 'patch',
  '/usr/bin/xz': 'xz-utils',
  '/usr/bin/ccache': 'ccache',
  '/usr/include/gelf.h': 'libelf-dev',
  '/usr/include/openssl/opensslv.h': 'libssl-dev',
};

async function setup(): Promise<void> {
  const missing = Object.entries(PACKAGES)
    .filter(([file]) => !existsSync(file))
    .map(([, name]) => name);
  if (missing.length === 0) return;
  process.stdout.write(`The tests need ${missing.join(' ')}: installing with apt-get\n`);
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  await run('apt-get', ['update'], { env });
  await run('apt-get', ['install', '--yes', '--no-install-recommends', '--', ...missing], { env });
}

setup().catch((error: unknown) => {
  process.stderr.write(`${error}\n`);
  process.exitCode = 1;
});

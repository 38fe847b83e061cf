import { biosCode, EFI, efiCode, GRUB_FOLDER } from './grub-core';
import type { Loader } from './loader';

const hasBios = process.arch === 'x64';
const { platform } = EFI[process.arch === 'arm64' ? 'arm64' : 'x64'];
const modulesOf = (name: string): string[] => [`${GRUB_FOLDER}/${name}/kernel.img`];

/** GRUB 2, on BIOS and UEFI. Its menu is also read by boot loaders that are not on the disk. */
export const grub: Loader = {
  tools: () => [
    { name: 'grub-mkimage', versioned: true, packages: { debian: 'grub-common', arch: 'grub' } },
    ...(hasBios
      ? [
          {
            name: 'GRUB for BIOS',
            files: modulesOf('i386-pc'),
            packages: { debian: 'grub-pc-bin', arch: 'grub' },
          },
        ]
      : []),
    {
      name: 'GRUB for UEFI',
      files: modulesOf(platform),
      packages: { debian: `grub-efi-${process.arch === 'arm64' ? 'arm64' : 'amd64'}-bin`, arch: 'grub' },
    },
  ],
  sources: () => [],
  firmware: ['bios', 'uefi'],
  files: ['vmlinuz', 'initramfs.img'],

  code: async (at) => ({ raw: async () => (hasBios ? biosCode(at) : []), efi: await efiCode(at) }),
};

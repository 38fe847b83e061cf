import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Dock0Error } from '../../error';
import { BIOS_BOOT, RELEASES_NUMBER } from '../layout';
import type { At, BootCode, RawCode } from './loader';

/** Where distributions have what GRUB is put together of, by platform. */
export const GRUB_FOLDER = '/usr/lib/grub';

/** What the menu calls, and what reads the disk that it is on. */
const MODULES =
  'part_gpt part_msdos ext2 normal configfile linux search search_fs_file test echo serial terminal loadenv regexp sleep reboot ls cat'.split(
    ' ',
  );

// The program was loaded from this disk: not from another one that has the same release.
const OWN_DISK = `regexp --set 1:disk '^\\(([^,)]+)' "$cmdpath"
set root="$disk,gpt${RELEASES_NUMBER}"
set prefix="($root)/boot/grub"
`;

/**
 * GRUB for machines with BIOS: the code of the first sector, and the core, which is the content of the BIOS boot
 * partition. The addresses in both are those of boot/i386/pc of GRUB's source (boot.h, diskboot.S).
 */
export async function biosCode(at: At): Promise<RawCode> {
  const core = await made(
    at,
    'i386-pc',
    'core.img',
    ['biosdisk', ...MODULES],
    `(,gpt${RELEASES_NUMBER})/boot/grub`,
  );
  if (core.length > BIOS_BOOT.bytes)
    throw new Dock0Error(
      `the core of GRUB has ${core.length} bytes, the BIOS boot partition ${BIOS_BOOT.bytes}`,
    );
  const sector = BigInt(BIOS_BOOT.start / 512);
  // The rest of the core follows its first sector, which loads it.
  core.writeBigUInt64LE(sector + 1n, 0x1f4);
  const first = Buffer.from(readFileSync(join(GRUB_FOLDER, 'i386-pc/boot.img')).subarray(0, 440));
  first.writeBigUInt64LE(sector, 0x5c);
  // Takes the drive that the BIOS says, instead of the first one where it says a floppy disk.
  first.writeUInt16BE(0x9090, 0x66);
  return [
    { offset: 0, bytes: first },
    { offset: BIOS_BOOT.start, bytes: core },
  ];
}

/** GRUB as a program for UEFI, in the place that firmware looks at without an entry of its own (UEFI, 3.5.1.1). */
export async function efiCode(at: At, arch: NodeJS.Architecture = process.arch): Promise<BootCode['efi']> {
  const { platform, name } = EFI[arch === 'arm64' ? 'arm64' : 'x64'];
  return {
    [`EFI/BOOT/${name}`]: await made(at, platform, name, ['fat', ...MODULES], '/boot/grub', OWN_DISK),
  };
}

/** What UEFI machines of an architecture start. */
export const EFI = {
  x64: { platform: 'x86_64-efi', name: 'BOOTX64.EFI' },
  arm64: { platform: 'arm64-efi', name: 'BOOTAA64.EFI' },
} as const;

async function made(
  { tmp, run }: At,
  platform: string,
  name: string,
  modules: readonly string[],
  prefix: string,
  config?: string,
): Promise<Buffer> {
  const file = join(tmp, name);
  const script = join(tmp, `${name}.cfg`);
  if (config !== undefined) writeFileSync(script, config);
  await run('grub-mkimage', [
    ...['--directory', join(GRUB_FOLDER, platform), '--format', platform, '--prefix', prefix],
    ...(config === undefined ? [] : ['--config', script]),
    ...['--output', file, ...modules],
  ]);
  return readFileSync(file);
}

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Tool } from '../engine/step';
import { withSections } from './pe';
import type { Signer } from './signing';

/** Where distributions have what systemd-boot and unified kernel images are made of. */
export const SYSTEMD_FOLDER = '/usr/lib/systemd/boot/efi';

/** What that is called, and what firmware starts without an entry of its own (UEFI, 3.5.1.1). */
export const EFI_NAMES =
  process.arch === 'arm64'
    ? { program: 'systemd-bootaa64.efi', stub: 'linuxaa64.efi.stub', name: 'BOOTAA64.EFI' }
    : { program: 'systemd-bootx64.efi', stub: 'linuxx64.efi.stub', name: 'BOOTX64.EFI' };

/** What starts the kernel in an image. */
export const STUB = `${SYSTEMD_FOLDER}/${EFI_NAMES.stub}`;

export const STUB_TOOL: Tool = {
  name: 'the stub of unified kernel images',
  files: [STUB],
  packages: { debian: 'systemd-boot-efi', arch: 'systemd' },
};

/** The unified kernel image of a release, in its folder. */
export const UKI = 'linux.efi';

/** What a unified kernel image is made of. */
export interface Parts {
  id: string;
  name: string;
  cmdline: string;
  kernel: Buffer;
  initramfs: Buffer;
}

/**
 * Puts a unified kernel image together (UAPI.5): the stub, which starts what stands in its sections.
 *
 * The os-release has no version: systemd-boot would order releases by that, and not by which one is to boot.
 */
export function ukiOf(stub: Buffer, { id, name, cmdline, kernel, initramfs }: Parts): Buffer {
  const release = `ID=dock0\nNAME="${name}"\nPRETTY_NAME="${name} ${id}"\n`;
  return withSections(stub, [
    { name: '.osrel', content: Buffer.from(release) },
    { name: '.cmdline', content: Buffer.from(`${cmdline} dock0.release=${id} dock0.counted`) },
    { name: '.linux', content: kernel },
    { name: '.initrd', content: initramfs },
  ]);
}

/** Writes the unified kernel image of a release to its folder, of the files that are there. */
export async function writeUki(
  folder: string,
  { id, name }: Pick<Parts, 'id' | 'name'>,
  sign: Signer | undefined,
): Promise<void> {
  const read = (file: string): Buffer => readFileSync(join(folder, file));
  const cmdline = read('cmdline').toString().trimEnd();
  const image = ukiOf(readFileSync(STUB), {
    ...{ id, name, cmdline },
    ...{ kernel: read('vmlinuz'), initramfs: read('initramfs.img') },
  });
  writeFileSync(join(folder, UKI), sign === undefined ? image : await sign(image));
}

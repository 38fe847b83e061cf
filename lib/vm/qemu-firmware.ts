import { copyFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Tool } from '../engine/step';
import { Dock0Error } from '../error';

/** What a machine starts with, and what then looks for a boot loader on its disks. */
export type Firmware = 'bios' | 'uefi';

/** The code of UEFI and the empty store of its variables, where Debian and Arch have them. */
const UEFI: readonly { code: string; variables: string }[] = [
  { code: '/usr/share/OVMF/OVMF_CODE_4M.fd', variables: '/usr/share/OVMF/OVMF_VARS_4M.fd' },
  { code: '/usr/share/edk2/x64/OVMF_CODE.4m.fd', variables: '/usr/share/edk2/x64/OVMF_VARS.4m.fd' },
];

/** What a machine with a firmware takes besides QEMU, which brings the BIOS. */
export const FIRMWARE_TOOLS: readonly Tool[] = [
  {
    name: 'UEFI for QEMU',
    files: UEFI.map(({ code }) => code),
    optional: true,
    packages: { debian: 'ovmf', arch: 'edk2-ovmf' },
  },
];

/**
 * QEMU's arguments for a firmware.
 *
 * @param tmp a folder for the machine's own store of variables
 * @param store what that is a copy of; default: an empty one
 * @throws Dock0Error when the firmware is not installed
 */
export function firmwareArguments(firmware: Firmware, tmp: string, store?: string): string[] {
  if (firmware === 'bios') return [];
  const found = UEFI.find(({ code, variables }) => existsSync(code) && existsSync(variables));
  if (found === undefined)
    throw new Dock0Error('UEFI for QEMU is not installed', {
      hint: '`gulp setup` installs it (Debian: ovmf; Arch: edk2-ovmf).',
    });
  const variables = join(tmp, 'uefi-variables.fd');
  copyFileSync(store ?? found.variables, variables);
  const flash = (file: string, access: string): string[] => [
    '-drive',
    `if=pflash,format=raw,file=${file.replaceAll(',', ',,')}${access}`,
  ];
  return ['-machine', 'q35', ...flash(found.code, ',readonly=on'), ...flash(variables, '')];
}

import { readFileSync } from 'node:fs';
import { SIGNING_TOOLS } from '../signing';
import { EFI_NAMES, STUB, STUB_TOOL, SYSTEMD_FOLDER } from '../uki';
import type { Loader } from './loader';

const { program, name } = EFI_NAMES;
const PROGRAM = `${SYSTEMD_FOLDER}/${program}`;

/**
 * What it reads before the entries (loader.conf(5)). Without `default`, the first entry that has tries left boots: the part
 * of hooks/machine/releases puts them in order.
 *
 * @param closed whether the command line cannot be changed at the console
 */
export function loaderConf(closed: boolean): string {
  const lines = ['timeout 1', 'auto-entries no', 'auto-firmware no', ...(closed ? ['editor no'] : [])];
  return `${lines.join('\n')}\n`;
}

/**
 * systemd-boot, on UEFI: the releases are entries of the Boot Loader Specification, or unified kernel images, and it counts
 * their tries in the names of those files.
 */
export const systemdBoot: Loader = {
  tools: ({ uki, secure_boot: secureBoot }) => [
    { name: 'systemd-boot', files: [PROGRAM], packages: { debian: 'systemd-boot-efi', arch: 'systemd' } },
    { name: 'mren', packages: { debian: 'mtools', arch: 'mtools' } },
    ...(uki ? [STUB_TOOL] : []),
    ...(secureBoot === undefined ? [] : SIGNING_TOOLS),
  ],
  sources: ({ uki }) => [PROGRAM, ...(uki ? [STUB] : [])],
  firmware: ['uefi'],
  files: [],

  code: async ({ sign }) => {
    const code = readFileSync(PROGRAM);
    return {
      raw: async () => [],
      efi: {
        [`EFI/BOOT/${name}`]: sign === undefined ? code : await sign(code),
        'loader/loader.conf': Buffer.from(loaderConf(sign !== undefined)),
      },
    };
  },
};

import type { Checked } from './rule';

/** Words that end a command of iPXE. */
const ENDS = ['&&', '||', ';'];

/** Checks what a machine boots over the network. */
export function checkNetboot({ config: { install, initramfs, kernel }, wrong }: Checked): void {
  if (install.target !== 'netboot') return;
  if (initramfs.builder !== 'dock0')
    wrong(
      ['initramfs', 'builder'],
      `expected dock0, found ${initramfs.builder}: install.target is netboot, and its busybox does not fetch layers`,
    );
  for (const [at, word] of kernel.cmdline.entries()) {
    if (ENDS.includes(word) || word.includes('${'))
      wrong(
        ['kernel', 'cmdline', String(at)],
        `expected a word that boot.ipxe can pass on, found ${JSON.stringify(word)}: iPXE has a meaning for it`,
      );
  }
}

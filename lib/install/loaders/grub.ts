import { LAYOUT } from '../../release/layout';
import type { Loader } from './loader';

/** The menu of GRUB, and of boot loaders that read it (grub.cfg of the GRUB manual, "Simple configuration"). */
export const grub: Loader = ({ name, cmdline, uuid, install }) => ({
  path: 'boot/grub/grub.cfg',
  text: `set timeout=1
menuentry "${name}" {
  if ! search --no-floppy --fs-uuid ${uuid} --set root; then
    search --no-floppy --label ${install.label} --set root
  fi
  linux /${LAYOUT.current}/vmlinuz ${escaped(cmdline)}
  initrd /${LAYOUT.current}/initramfs.img
}
`,
});

/** A command line as GRUB's script takes it: what its shell would expand or end a command at is behind a backslash. */
function escaped(cmdline: string): string {
  return cmdline.replace(/[\\"'$;|&<>{}#]/g, '\\$&');
}

import { cmdlineOf } from '../../release/cmdline';
import { LAYOUT } from '../../release/layout';
import type { Loader } from './loader';

/** The menu of GRUB, and of boot loaders that read it (grub.cfg of the GRUB manual, "Simple configuration"). */
export const grub: Loader = (config) => ({
  path: 'boot/grub/grub.cfg',
  text: `set timeout=1
menuentry "${config.name}" {
  search --no-floppy --label ${config.install.label} --set root
  linux /${LAYOUT.current}/vmlinuz ${cmdlineOf(config)}
  initrd /${LAYOUT.current}/initramfs.img
}
`,
});

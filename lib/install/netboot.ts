import type { ReleaseFile } from '../release/manifest';

/** The folder that machines boot from over the network, in the folder of a release. */
export const NETBOOT = 'netboot';
/** Its files that are not those of the release. */
export const SCRIPT = 'boot.ipxe';
export const INITRAMFS = 'initramfs.img';

/** The table of the layers that the hook dock0-netboot reads: the release, then SHA256 BYTES NAME a line. */
export function layersTable(
  id: string,
  layers: readonly Pick<ReleaseFile, 'path' | 'sha256' | 'bytes'>[],
): string {
  const lines = layers.map(({ path, sha256, bytes }) => `${sha256} ${bytes} ${path.replace('layers/', '')}`);
  return `${[id, ...lines].join('\n')}\n`;
}

/**
 * What iPXE does: the initramfs is told where the layers are, and which network card has them (ipxe.org/cfg: `cwduri`
 * is the folder of this script, `filename` what DHCP named, `netX` the card that was used last).
 *
 * @param cmdline the command line of the release
 * @param url where the layers are; default: where the script is. An iPXE without `cwduri` knows that as far as DHCP
 * said it
 */
export function netbootScript(id: string, cmdline: string, url?: string): string {
  const words = cmdline.split(' ').filter((word) => !word.startsWith('dock0.root='));
  const places = url === undefined ? [`\${cwduri}`, `\${filename}`] : [url];
  return `#!ipxe
# Starts the release ${id}. A script that has set dock0-url to another place of the layers may chain to this one.
${places.map((place) => `isset \${dock0-url} || set dock0-url ${place}\n`).join('')}\
kernel vmlinuz initrd=${INITRAMFS} ${words.join(' ')} dock0.root=\${dock0-url} dock0.card=\${netX/mac}
initrd ${INITRAMFS}
boot
`;
}

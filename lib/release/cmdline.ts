import type { Config } from '../config/schema';

type Place = { label?: string | undefined; uuid?: string | undefined; device?: string | undefined };

/**
 * The kernel command line of a release: the words of the configuration, then where the initramfs finds the root, where
 * writes go, and the volumes. One line, without a newline.
 */
export function cmdlineOf({ kernel, install, volumes }: Config): string {
  const cow = install.cow === 'tmpfs' ? [] : [`dock0.cow=${placeOf(install.cow)}`];
  const mounts = Object.entries(volumes).map(([name, volume]) => `dock0.volume.${name}=${placeOf(volume)}`);
  return [
    ...kernel.cmdline,
    `dock0.root=LABEL=${install.label}`,
    'dock0.release=current',
    ...cow,
    ...mounts,
  ].join(' ');
}

function placeOf({ label, uuid, device }: Place): string {
  if (label !== undefined) return `LABEL=${label}`;
  return uuid === undefined ? String(device) : `UUID=${uuid}`;
}

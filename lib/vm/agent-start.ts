import { join } from 'node:path';
import { diskVolumes } from '../config/disk-volumes';
import type { Flags } from '../config/flags';
import type { Config } from '../config/schema';
import { INITRAMFS } from '../install/netboot';
import type { Runner } from '../system/sandbox';
import type { Cards } from './cards';
import { releaseDisk } from './disks';
import { agentDisk } from './firmware';
import { netbootFolder, serveAgent } from './netboot';
import type { Start, VmDisk } from './qemu';

/** How a machine gets to a release. */
export interface Started {
  /** What it starts with; undefined where that is QEMU itself. */
  by?: Start;
  /** The disk with the release, where it has one. */
  disks: VmDisk[];
  /** The volumes that this disk has. */
  elsewhere?: string[];
  /** The initramfs that the agent's comes behind. */
  initramfs: string;
  /** Makes it start the release with another initrd and command line. */
  fill?: (initrd: string, cmdline: string) => Promise<void>;
  close?: () => void;
}

/**
 * Prepares the start of a release with the agent in it.
 *
 * @throws Dock0Error where the release is not made to be started like that
 */
export async function agentStart(
  {
    release,
    config,
    via,
  }: { release: string; config: Pick<Config, 'install' | 'name' | 'volumes'>; via: Flags['via'] },
  cards: Cards,
  tmp: string,
  run: Runner,
): Promise<Started> {
  const initramfs = join(release, 'initramfs.img');
  if (via === 'direct')
    return { initramfs, disks: [await releaseDisk(release, config.install.label, tmp, run)] };
  if (via === 'netboot') {
    const { start: by, fill, close } = await serveAgent(release, config, cards, tmp);
    return { by, fill, close, disks: [], initramfs: join(netbootFolder(release), INITRAMFS) };
  }
  const { file, fill } = await agentDisk(release, config, tmp, run);
  const elsewhere = diskVolumes(config).map(({ name }) => name);
  return { by: { firmware: via }, fill, initramfs, elsewhere, disks: [{ file, snapshot: false }] };
}

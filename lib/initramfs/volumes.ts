import { bootVolumes, growingVolume, partitionTable } from '../config/disk-volumes';
import type { Config } from '../config/schema';
import { Dock0Error } from '../error';
import { specOf } from '../release/cmdline';
import { mke2fsConf } from '../system/mke2fs-conf';

/** A volume as the configuration has it (`volumes.<name>`). */
export interface Volume {
  label?: string | undefined;
  uuid?: string | undefined;
  device?: string | undefined;
  create?: boolean;
  path: string;
  type: string;
  options: string[];
}

/**
 * The table of volumes that the hook dock0 reads: one volume a line, NAME SPEC PATH TYPE OPTIONS separated by tabs, a
 * folder before what is mounted below it.
 */
export function volumesTable(volumes: Record<string, Volume>): string {
  const byPath = Object.entries(volumes).sort(([, a], [, b]) => (a.path < b.path ? -1 : 1));
  return byPath
    .map(([name, volume]) => {
      const fields = [name, specOf(volume), volume.path, volume.type, volume.options.join(',') || 'rw'];
      const bad = fields.find((field) => /[\t\n\\]/.test(field));
      if (bad !== undefined)
        throw new Dock0Error(
          `volumes.${name}: ${JSON.stringify(bad)} contains a tab, a line break or a backslash`,
        );
      return `${fields.join('\t')}\n`;
    })
    .join('');
}

/**
 * The table of the volumes that the hook dock0-volumes makes on empty disks: one a line, NAME DEVICE TYPE LABEL separated
 * by tabs. Empty where there are none.
 */
export function createTable(volumes: Record<string, Volume>): string {
  return Object.entries(volumes)
    .filter(([, { create }]) => create)
    .map(([name, { device, type, label }]) => `${[name, device, type, label].join('\t')}\n`)
    .join('');
}

/**
 * What checks and repairs a file system, makes it, and makes it larger. btrfs(5) is repaired by the kernel, as far as that
 * goes without a person.
 */
const PROGRAMS: Readonly<
  Record<Config['volumes'][string]['type'], { check: readonly string[]; make: string; grow: string }>
> = {
  ext4: { check: ['e2fsck'], make: 'mke2fs', grow: 'resize2fs' },
  xfs: { check: ['xfs_repair'], make: 'mkfs.xfs', grow: 'xfs_growfs' },
  btrfs: { check: [], make: 'mkfs.btrfs', grow: 'btrfs' },
};

/** The programs that the disk, its volumes, and the file system for changes to the root need in the initramfs. */
export function volumePrograms(config: Pick<Config, 'volumes' | 'install'>): string[] {
  const growing = growingVolume(config);
  const needed = Object.entries(bootVolumes(config)).flatMap(([name, { type, create }]) => {
    const { check, make, grow } = PROGRAMS[type];
    return [...check, ...(create ? [make] : []), ...(name === growing ? [grow] : [])];
  });
  const divided = partitionTable(config) === undefined ? [] : ['sfdisk', 'resize2fs'];
  const cow = config.install.cow === 'tmpfs' ? [] : ['e2fsck'];
  return [...new Set([...needed, ...divided, ...cow])].sort();
}

/** What mke2fs reads in the initramfs: the disks are as dense with files as its own default has them. */
export const MKE2FS_CONF = mke2fsConf(16_384, ['metadata_csum']);

import { join } from 'node:path';
import type { Mapped } from './map';
import { isKeys, type Keys, keysOf, linkTarget } from './stack';

/** dock0 let Docker's data lie on another device by this link in its overlay. */
const DATA_LINK = 'var/lib/docker/devicemapper/devicemapper/data';
const TYPES = ['ext4', 'xfs', 'btrfs'];

/** Maps `root_size` or `fs`, `lvm`, and the link to Docker's data. */
export function mapStorage(all: Keys, folder: string, overlay: string): Mapped {
  const notes: string[] = [];
  const keys: Keys = { ...rootFile(all, notes) };
  const volumes = mapVolumes(all, keys, notes);
  const device = linkTarget(join(folder, overlay, DATA_LINK));
  const link = join(overlay, DATA_LINK);
  if (device !== undefined && 'docker' in volumes)
    notes.push(`${link}: the volume docker lies over it; take it out`);
  else if (device?.startsWith('/dev/')) {
    keys.docker = { storage: { driver: 'devicemapper', device } };
    notes.push(`${link}: docker.storage.device makes this link; newer dockers have no devicemapper driver`);
  }
  if (Object.keys(volumes).length > 0) keys.volumes = volumes;
  return { keys, notes };
}

function rootFile(all: Keys, notes: string[]): Keys {
  const fs = keysOf(all.fs);
  const size = all.root_size ?? fs.size;
  if (size === undefined || size === null) return {};
  const stated = typeof fs.type === 'string' ? fs.type : 'ext2';
  const type = TYPES.includes(stated) ? stated : 'ext4';
  notes.push(
    `${'root_size' in all ? 'root_size' : 'fs'}: kept; fs.backend: overlay needs no size and is faster`,
  );
  if (type !== stated) notes.push(`fs.type: ${stated} became ${type}`);
  if ('flags' in fs) notes.push("fs.flags: the flags of mkfs are the build's own");
  return { fs: { backend: 'image', size: `${String(size)}M`, type } };
}

/** Logical volumes become file systems found by label: the initramfs knows no LVM. */
function mapVolumes(all: Keys, keys: Keys, notes: string[]): Keys {
  const lvm = keysOf(all.lvm);
  const group = String(lvm.name ?? '');
  const cowDevice = String(keysOf(keysOf(all.kernel).options).cow_device ?? '');
  const volumes: Keys = {};
  for (const [name, value] of Object.entries(keysOf(lvm.lvs))) {
    const stated = isKeys(value) && typeof value.fs === 'string' ? value.fs : 'ext4';
    const type = TYPES.includes(stated) ? stated : 'ext4';
    const label = name.toLowerCase().replace(/[^a-z0-9_-]/g, '-');
    const how = `make a partition or disk with a file system labelled ${label} (mkfs.${type} -L ${label})`;
    if (cowDevice.endsWith(`/${group}/${name}`) || cowDevice.endsWith(`/${name}`)) {
      keys.install = { cow: { label } };
      notes.push(`lvm.lvs.${name}: install.cow; ${how}, or leave it out: writes then go to memory`);
    } else {
      const path = name === 'docker' ? '/var/lib/docker' : `/srv/${label}`;
      volumes[label] = { label, path, type };
      notes.push(`lvm.lvs.${name}: volumes.${label}, mounted on ${path}; ${how}`);
    }
  }
  if ('device' in lvm)
    notes.push(`lvm.device: ${String(lvm.device)} is not set up by the build; the initramfs knows no LVM`);
  return volumes;
}

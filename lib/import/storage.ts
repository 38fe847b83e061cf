import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { COW_OPTIONS } from './kernel';
import { isKeys, type Keys, keysOf, linkTarget, type Mapped, type Stack, type Value } from './stack';

/** The link in dock0's overlay that put Docker's data on another device. */
const DATA_LINK = 'var/lib/docker/devicemapper/devicemapper/data';
const TYPES = ['ext4', 'xfs', 'btrfs'];
/** The default folder of Docker's data. */
const DOCKER = '/var/lib/docker';

/** Maps `root_size` or `fs`, `lvm`, the device for writes, and the link to Docker's data. */
export function mapStorage({ folder, shared, read }: Stack, overlay: string): Mapped {
  const all = shared.keys;
  const notes: string[] = [];
  const { cow, volumes } = mapVolumes(all, notes);
  const keys: Keys = { ...rootFile(all, notes), ...(cow === undefined ? {} : { install: { cow } }) };
  const device = linkTarget(join(folder, overlay, DATA_LINK));
  const link = join(overlay, DATA_LINK);
  if (device !== undefined && 'docker' in volumes)
    notes.push(`${link}: the volume docker hides it; remove it`);
  else if (device?.startsWith('/dev/')) {
    keys.docker = { storage: { driver: 'devicemapper', device, volume: 'none' } };
    notes.push(
      `${link}: docker.storage.device makes this link; newer versions of Docker have no devicemapper driver`,
    );
  } else if (!('docker' in volumes) && 'lvm' in all) {
    volumes.docker = { label: 'docker', path: DOCKER };
    notes.push(
      `lvm.lvs: none is called docker; volumes.docker is added for ${DOCKER}: make a file system labelled docker`,
    );
  }
  if (Object.keys(volumes).length > 0) keys.volumes = volumes;
  const fstab = join(overlay, 'etc/fstab');
  const group = `/dev/${String(keysOf(all.lvm).name ?? '')}/`;
  if (group !== '/dev//' && existsSync(join(folder, fstab)) && read(fstab).includes(group))
    notes.push(`${fstab}: it mounts devices below ${group}, which delays the boot; remove those lines`);
  return { keys, notes };
}

function rootFile(all: Keys, notes: string[]): Keys {
  const fs = keysOf(all.fs);
  const size = all.root_size ?? fs.size;
  for (const key of Object.keys(fs).filter((each) => !['size', 'type', 'flags'].includes(each)))
    notes.push(`fs.${key}: no equivalent here`);
  if ('flags' in fs) notes.push('fs.flags: the build sets the flags of mkfs');
  if (size === undefined || size === null) {
    if ('type' in fs)
      notes.push(`fs.type: ${String(fs.type)} has no size; fs.backend: overlay needs neither`);
    return {};
  }
  const stated = typeof fs.type === 'string' ? fs.type : 'ext2';
  const type = TYPES.includes(stated) ? stated : 'ext4';
  notes.push(
    `${'root_size' in all ? 'root_size' : 'fs'}: kept; fs.backend: overlay needs no size and is faster`,
  );
  if (type !== stated) notes.push(`fs.type: ${stated} became ${type}`);
  return { fs: { backend: 'image', size: `${String(size)}M`, type } };
}

/** Logical volumes become file systems found by label: the initramfs does not support LVM. */
function mapVolumes(all: Keys, notes: string[]): { cow: Keys | undefined; volumes: Keys } {
  const lvm = keysOf(all.lvm);
  const options = keysOf(keysOf(all.kernel).options);
  const option = COW_OPTIONS.find((name) => typeof options[name] === 'string');
  const device = option === undefined ? undefined : String(options[option]);
  let cow: Keys | undefined;
  const volumes: Keys = {};
  for (const [name, value] of Object.entries(keysOf(lvm.lvs))) {
    const label = labelOf(name);
    const type = fileSystem(name, value, notes);
    const how = `make a partition or disk${sizeOf(value)} with a file system labelled ${label} (mkfs.${type} -L ${label})`;
    if (device?.endsWith(`/${name}`)) {
      cow = { label };
      notes.push(`lvm.lvs.${name}: install.cow; ${how}, or leave it out: writes then go to memory`);
    } else {
      const path = name === 'docker' ? DOCKER : `/srv/${label}`;
      volumes[label] = { label, path, type };
      notes.push(`lvm.lvs.${name}: volumes.${label}, mounted on ${path}; ${how}`);
    }
  }
  if (device !== undefined && cow === undefined) cow = otherCow(`kernel.options.${option}`, device, notes);
  if ('device' in lvm)
    notes.push(
      `lvm.device: ${String(lvm.device)} is not set up by the build; the initramfs does not support LVM`,
    );
  for (const key of Object.keys(lvm).filter((each) => !['device', 'name', 'lvs'].includes(each)))
    notes.push(`lvm.${key}: no equivalent here`);
  return { cow, volumes };
}

/** A device for writes that is not one of the logical volumes: carried over unless it is in another volume group. */
function otherCow(option: string, device: string, notes: string[]): Keys | undefined {
  if (/^\/dev\/[^/\s:]+$/.test(device)) {
    notes.push(`${option}: install.cow.device; a label works even if device names change`);
    return { device };
  }
  notes.push(`${option}: ${device} is not carried over, since it is not in lvm.lvs; writes go to memory`);
  return undefined;
}

function fileSystem(name: string, value: Value | undefined, notes: string[]): string {
  const volume = keysOf(value);
  for (const key of Object.keys(volume).filter((each) => !['size', 'fs'].includes(each)))
    notes.push(`lvm.lvs.${name}.${key}: no equivalent here`);
  if (value !== null && !isKeys(value)) notes.push(`lvm.lvs.${name}: not a map of size and fs; ignored`);
  const stated = typeof volume.fs === 'string' ? volume.fs : 'ext4';
  if (TYPES.includes(stated)) return stated;
  notes.push(`lvm.lvs.${name}.fs: ${stated} became ext4`);
  return 'ext4';
}

function sizeOf(value: Value | undefined): string {
  const { size } = keysOf(value);
  return size === undefined || size === null ? '' : ` of ${String(size)}`;
}

/** A label that ext4, XFS and Btrfs accept, which is also a valid name of a volume. */
function labelOf(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^a-z0-9_-]/g, '-')
    .replace(/^[_-]+/, '');
}

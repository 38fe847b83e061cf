import { existsSync, mkdirSync, readdirSync, renameSync, truncateSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Config } from '../config/schema';
import { specOf } from '../release/cmdline';
import { DISK_IMAGE, stageRelease } from '../release/layout';
import { uuidOf, writeDiskImage } from '../system/ext4';
import type { Runner } from '../system/sandbox';
import type { VmDisk } from './qemu';

/** The data disks of a machine, and words for the kernel command line where they differ from the configuration. */
export interface DataDisks {
  disks: VmDisk[];
  words: string[];
  /** Where each volume is found, by name. */
  specs: Record<string, string>;
}

interface Place {
  label?: string | undefined;
  uuid?: string | undefined;
  device?: string | undefined;
  type?: string;
  create?: boolean;
}

/** Of a disk for data; sparse. */
export const DATA_BYTES = 8 * 2 ** 30;

/**
 * The disk with the releases: the release's own image, else one made of its folder. The guest's writes to it are
 * discarded.
 *
 * @param tmp a folder for an image, best on the release's file system
 */
export async function releaseDisk(release: string, label: string, tmp: string, run: Runner): Promise<VmDisk> {
  const own = join(release, DISK_IMAGE);
  if (existsSync(own)) return { file: own, snapshot: true };
  const staged = join(tmp, 'disk');
  const id = basename(release);
  const layers = readdirSync(join(release, 'layers')).map((name) => join('layers', name));
  stageRelease(release, id, layers, staged);
  const file = join(tmp, DISK_IMAGE);
  await writeDiskImage({ file, from: staged, label, id, epoch: 0, tmp }, run);
  return { file, snapshot: true };
}

/**
 * A disk for each volume, and for the writes to the root if the configuration keeps them: empty, sparse, formatted and
 * labelled as configured. A volume that is configured by device name gets a UUID on the command line instead, since the
 * disks of a virtual machine have another order. A volume that the initramfs makes gets a disk with nothing on it.
 *
 * @param folder where the files are or are made: `data.img` for a single disk, else `data-<name>.img`
 * @param elsewhere volumes that another disk of the machine has
 * @param before the disks that come before them: that of the releases, where there is one
 */
export async function dataDisks(
  config: Pick<Config, 'volumes' | 'install'>,
  folder: string,
  run: Runner,
  { elsewhere = [], before }: { elsewhere?: readonly string[]; before: readonly VmDisk[] },
): Promise<DataDisks> {
  const { cow } = config.install;
  const wanted: [string, Place, string][] = Object.entries(config.volumes).map(([name, place]) => [
    name,
    place,
    `dock0.volume.${name}`,
  ]);
  if (cow !== 'tmpfs') wanted.push(['cow', cow, 'dock0.cow']);
  const made = new Map<string, string>();
  const words: string[] = [];
  const specs: Record<string, string> = {};
  for (const [name, place, word] of wanted) {
    const named = place.device !== undefined && !place.create;
    const spec = named ? `UUID=${uuidFor(name)}` : specOf(place);
    specs[name] = spec;
    if (made.has(spec) || elsewhere.includes(name)) continue;
    const file = join(folder, wanted.length === 1 ? 'data.img' : `data-${name}.img`);
    const letter = String.fromCharCode('a'.charCodeAt(0) + before.length + made.size);
    if (place.create) words.push(`dock0.create.${name}=/dev/vd${letter}`);
    else if (named) words.push(`${word}=${spec}`);
    const uuid = named ? uuidFor(name) : place.uuid;
    if (!existsSync(file)) await makeDisk(file, place, uuid, run);
    made.set(spec, file);
  }
  return { disks: [...made.values()].map((file) => ({ file, snapshot: false })), words, specs };
}

/** The same UUID every time for a disk that the configuration does not name. */
function uuidFor(volume: string): string {
  return uuidOf(`dock0 volume ${volume}`);
}

/** An existing disk is always complete, even after an interruption. */
async function makeDisk(file: string, place: Place, uuid: string | undefined, run: Runner): Promise<void> {
  const made = `${file}.new`;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(made, '');
  truncateSync(made, DATA_BYTES);
  if (!place.create) await format(made, place.type ?? 'ext4', place.label, uuid, run);
  renameSync(made, file);
}

async function format(
  file: string,
  type: string,
  label: string | undefined,
  uuid: string | undefined,
  run: Runner,
): Promise<void> {
  const flags = label === undefined ? [] : ['-L', label];
  if (type === 'ext4') {
    if (uuid !== undefined) flags.push('-U', uuid);
    await run('mke2fs', ['-q', '-F', '-t', 'ext4', ...flags, file]);
  } else if (type === 'xfs') {
    if (uuid !== undefined) flags.push('-m', `uuid=${uuid}`);
    await run('mkfs.xfs', ['-q', '-f', ...flags, file]);
  } else {
    if (uuid !== undefined) flags.push('-U', uuid);
    await run('mkfs.btrfs', ['-q', '-f', ...flags, file]);
  }
}

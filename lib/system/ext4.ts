import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, readdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Dock0Error } from '../error';
import { mke2fsConf } from './mke2fs-conf';
import { CommandError } from './process';
import type { Runner } from './sandbox';

/** An ext4 file system to write to a file, without mounting anything. */
export interface DiskImage {
  file: string;
  /** The folder whose content it gets. */
  from: string;
  label: string;
  /** In bytes; undefined for as little as the content needs. */
  size: number | undefined;
  /** Makes the UUID: the same for the same content. */
  id: string;
  /** Seconds since the epoch that every time in it gets. */
  epoch: number;
  tmp: string;
}

// A disk of releases has few and large files. Not every GRUB reads a file system whose metadata has checksums.
const MKE2FS_CONF = mke2fsConf(65_536);
const ROOM_BYTES = 24 << 20;
const ROOM_SHARE = 0.01;
const MEBIBYTE = 1 << 20;

/**
 * Writes the file system with mke2fs(8) -d. The same content gives the same bytes: UUID, hash seed and all times are
 * set, names are written in the order of the folder's sorted listing.
 *
 * @throws Dock0Error when the content does not fit into `size`
 */
export async function writeDiskImage(image: DiskImage, run: Runner): Promise<void> {
  const { file, from, label, id, epoch, tmp } = image;
  const config = join(tmp, 'mke2fs.conf');
  mkdirSync(tmp, { recursive: true });
  writeFileSync(config, MKE2FS_CONF);
  writeFileSync(file, '');
  truncateSync(file, image.size ?? fitting(from));
  const uuid = uuidOf(id);
  const extended = `hash_seed=${uuid},root_owner=0:0,lazy_itable_init=1,lazy_journal_init=1,nodiscard`;
  const flags = [
    '-q',
    '-F',
    '-t',
    'ext4',
    '-L',
    label,
    '-U',
    uuid,
    '-m',
    '0',
    '-J',
    'size=4',
    '-E',
    extended,
  ];
  const env = { MKE2FS_CONFIG: config, E2FSPROGS_FAKE_TIME: String(epoch), LC_ALL: 'C.UTF-8' };
  try {
    await run('mke2fs', [...flags, '-d', from, file], { env });
  } catch (error) {
    if (
      !(error instanceof CommandError) ||
      image.size === undefined ||
      !/Could not allocate|no free space|No space/i.test(error.output)
    )
      throw error;
    throw new Dock0Error('install.size: the release does not fit into the disk image', {
      hint: `It takes at least ${Math.ceil(fitting(from) / MEBIBYTE)}M; \`auto\` makes it fit.`,
      cause: error,
    });
  }
  await setTimes(file, from, epoch, run, env);
}

/** mke2fs takes over times from the files, and a ctime can't be set there; debugfs(8) sets them in the image. */
async function setTimes(
  file: string,
  from: string,
  epoch: number,
  run: Runner,
  env: Record<string, string>,
): Promise<void> {
  const fields = ['atime', 'ctime', 'mtime', 'crtime'];
  const stamps = [
    ...fields.map((field) => [field, `@${epoch}`]),
    ...fields.map((field) => [`${field}_extra`, '0']),
  ];
  const paths = ['/', '/lost+found', ...pathsOf(from, '')];
  const commands = paths.flatMap((path) => stamps.map(([field, value]) => `sif "${path}" ${field} ${value}`));
  await run('debugfs', ['-w', '-f', '-', file], { input: `${commands.join('\n')}\n`, env });
}

function fitting(from: string): number {
  const bytes = pathsOf(from, '').reduce(
    (sum, path) => sum + Math.ceil(lstatSync(join(from, path)).size / 4096) * 4096,
    0,
  );
  return Math.ceil((bytes * (1 + ROOM_SHARE) + ROOM_BYTES) / MEBIBYTE) * MEBIBYTE;
}

function pathsOf(root: string, below: string): string[] {
  return readdirSync(join(root, below))
    .sort()
    .flatMap((name) => {
      const path = `${below}/${name}`;
      return lstatSync(join(root, path)).isDirectory() ? [path, ...pathsOf(root, path)] : [path];
    });
}

/** A UUID (RFC 9562, version 8) made of a text's hash. */
export function uuidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, readdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mke2fsConf } from './mke2fs-conf';
import type { Runner } from './sandbox';

/** An ext4 file system to write to a file, without mounting anything. */
export interface DiskImage {
  file: string;
  /** The folder whose content it gets. */
  from: string;
  label: string;
  /** Where it begins in a file that is there, and how long it is, in bytes; else it is the whole file, as small as it gets. */
  at?: { offset: number; bytes: number };
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
 */
export async function writeDiskImage(image: DiskImage, run: Runner): Promise<void> {
  const { file, from, label, id, epoch, tmp, at } = image;
  const config = join(tmp, 'mke2fs.conf');
  mkdirSync(tmp, { recursive: true });
  writeFileSync(config, MKE2FS_CONF);
  const { offset, bytes } = at ?? { offset: 0, bytes: fileSystemBytes(from) };
  if (at === undefined) {
    writeFileSync(file, '');
    truncateSync(file, bytes);
  }
  const uuid = uuidOf(id);
  const extended = `hash_seed=${uuid},root_owner=0:0,lazy_itable_init=1,lazy_journal_init=1,nodiscard,offset=${offset}`;
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
  await run('mke2fs', [...flags, '-d', from, file, `${bytes / 1024}k`], { env });
  await setTimes(`${file}?offset=${offset}`, from, epoch, run, env);
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

/** The bytes of a file system that has a folder's content, and little room besides; whole mebibytes. */
export function fileSystemBytes(from: string): number {
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

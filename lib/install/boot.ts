import { lstatSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Config } from '../config/schema';
import { LEAST_ESP_BYTES } from './layout';
import { LOADERS } from './loaders';
import type { At, BootCode } from './loaders/loader';

/** What boots a disk, besides its releases. */
export interface Boot {
  raw: BootCode['raw'];
  /** The folder with the content of the EFI system partition. */
  esp: string;
  /** Of that partition. */
  bytes: number;
}

/** A disk with one release, which is being made. */
export interface First {
  loader: Config['install']['loader'];
  id: string;
  /** The release's folder. */
  release: string;
  /** The folder that becomes the file system of the releases. */
  staged: string;
  /** hooks/machine/releases. */
  program: string;
}

const MEBIBYTE = 2 ** 20;
/** What a FAT file system takes besides the bytes of its files: tables of 4 bytes for each 512, folders, and the rest of clusters. */
const FAT_SHARE = 0.02;
const FAT_BYTES = MEBIBYTE;

/**
 * Writes the menu of a disk with one release to the folder of its file system, and what is on the EFI system partition for that
 * to another one.
 *
 * @returns the latter
 */
export async function writeMenu(
  { loader, id, release, staged, program }: First,
  { tmp, run }: At,
): Promise<string> {
  const esp = join(tmp, 'esp');
  mkdirSync(esp, { recursive: true });
  await run('sh', [program, 'first', staged, id, release, loader], { env: { DOCK0_ESP: esp } });
  return esp;
}

/**
 * Writes the menu, as {@link writeMenu} does, and the code of the boot loader.
 *
 * @param releases how many get room on the EFI system partition; one more comes before the oldest goes
 */
export async function writeBoot(first: First, releases: number, at: At): Promise<Boot> {
  const [esp, { raw, efi }] = await Promise.all([writeMenu(first, at), LOADERS[first.loader].code(at)]);
  const each = bytesBelow(esp);
  for (const [path, content] of Object.entries(efi)) {
    const target = join(esp, path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, content);
  }
  return { raw, esp, bytes: espBytes(each, releases, bytesBelow(esp) - each) };
}

/**
 * The size of the EFI system partition.
 *
 * @param each what one release takes on it, in bytes
 * @param code what is on it besides
 */
export function espBytes(each: number, releases: number, code: number): number {
  const all = (each * (releases + 1) + code) * (1 + FAT_SHARE) + FAT_BYTES;
  return Math.max(LEAST_ESP_BYTES, Math.ceil(all / MEBIBYTE) * MEBIBYTE);
}

function bytesBelow(folder: string): number {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((path) => lstatSync(join(folder, path)))
    .reduce((sum, stat) => sum + (stat.isFile() ? stat.size : 0), 0);
}

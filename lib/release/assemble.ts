import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { KnownFile } from '../engine/content';
import type { KnownFiles } from '../engine/known-files';
import type { Artifact } from '../engine/step';
import { Dock0Error } from '../error';
import type { Json } from '../json';
import { sha256sums } from '../streams/sha256sums';
import { layerFiles, removedIn } from './layers';
import { type Manifest, manifestText, type ReleaseFile, releaseId } from './manifest';

/** A file of a release, and where its content comes from. */
type Part = ReleaseFile & ({ source: string; known: KnownFile } | { text: string });

/** A release before it is written. */
export interface Assembly {
  id: string;
  /** Seconds since the epoch: the time of the generated files. */
  epoch: number;
  cmdline: string;
  files: Part[];
}

/**
 * Puts together what a release consists of: kernel, initramfs, command line, layers and manifest. Its id comes from the
 * content of all files but the manifest. The command line ends with the id, so that the machine tells this release's disk
 * from others with the same label.
 *
 * @param config as the manifest shows it
 * @param needs the artifacts `kernel`, `initramfs`, `pacstrap` and those of the layers
 */
export function planRelease(
  { name, cmdline, config }: { name: string; cmdline: string; config: Json },
  needs: Record<string, Artifact>,
): Assembly {
  const { kernel, initramfs, pacstrap } = needs as Record<'kernel' | 'initramfs' | 'pacstrap', Artifact>;
  const epoch = Number(pacstrap.meta.epoch);
  const layers = layerFiles(needs);
  const partsWith = (line: string): Part[] => [
    stored(kernel, 'vmlinuz'),
    stored(initramfs, 'initramfs.img'),
    generated('cmdline', `${line}\n`),
    ...(existsSync(join(kernel.path, 'config')) ? [stored(kernel, 'config', 'kernel.config')] : []),
    ...layers.map(({ name, artifact }) => stored(artifact, name, `layers/${name}`)),
  ];
  const id = releaseId(partsWith(cmdline));
  const line = `${cmdline} dock0.id=${id}`;
  const parts = partsWith(line);
  const removed = new Set(layers.flatMap(({ artifact }) => removedIn(artifact)));
  const packages = (pacstrap.meta.packages ?? []) as Manifest['packages'];
  const manifest = manifestText({
    name,
    release: id,
    created: new Date(epoch * 1000).toISOString(),
    artifacts: parts.map(({ path, step, sha256, bytes }) => ({ path, step, sha256, bytes })),
    packages: packages.filter(({ name }) => !removed.has(name)),
    kernel: { version: String(kernel.meta.version) },
    cmdline: line,
    config,
  });
  return { id, epoch, cmdline: line, files: [...parts, generated('manifest.json', manifest)] };
}

/**
 * Writes a release to a folder, with SHA256SUMS. Files of artifacts are hard links where that is possible.
 *
 * @param known gets all of its files
 * @throws Dock0Error when a file of an artifact was damaged
 */
export function writeRelease(folder: string, { files, epoch }: Assembly, known: KnownFiles): void {
  mkdirSync(folder, { recursive: true });
  for (const file of files) {
    if ('source' in file) {
      known.add(file.source, file.known, `${file.path} (made by ${file.step})`);
      known.place(file.source, join(folder, file.path));
    } else writeAt(folder, file.path, file.text, epoch, known);
  }
  writeSums(folder, files, epoch, known);
}

/** Writes SHA256SUMS, in the form of sha256sum(1). */
export function writeSums(
  folder: string,
  files: readonly Pick<ReleaseFile, 'path' | 'sha256'>[],
  epoch: number,
  known: KnownFiles,
): void {
  writeAt(folder, 'SHA256SUMS', sha256sums(files), epoch, known);
}

function writeAt(folder: string, path: string, text: string, epoch: number, known: KnownFiles): void {
  const file = join(folder, path);
  writeFileSync(file, text);
  utimesSync(file, epoch, epoch);
  known.addNew(file, path, sha256Of(text));
}

function stored(artifact: Artifact, file: string, path = file): Part {
  const known = artifact.known(file);
  const sha256 = artifact.hash(file);
  if (known === undefined || sha256 === undefined)
    throw new Dock0Error(`the artifact of ${artifact.step} has no file ${file}`);
  return { path, step: artifact.step, sha256, bytes: known.size, source: join(artifact.path, file), known };
}

function generated(path: string, text: string): Part {
  return { path, step: 'install', sha256: sha256Of(text), bytes: Buffer.byteLength(text), text };
}

function sha256Of(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

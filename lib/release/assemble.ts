import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hashFile } from '../engine/hash-index';
import type { Artifact } from '../engine/step';
import type { Json } from '../json';
import { sha256sums } from '../streams/sha256sums';
import { linkOrCopy } from '../system/link-or-copy';
import { layerFiles, removedIn } from './layers';
import { type Manifest, manifestText, type ReleaseFile, releaseId } from './manifest';

/** A file of a release, and where its content comes from. */
type Part = ReleaseFile & ({ source: string } | { text: string });

/** A release before it is written. */
export interface Assembly {
  id: string;
  /** Seconds since the epoch: the time of the generated files. */
  epoch: number;
  files: Part[];
}

/**
 * Puts together what a release consists of: kernel, initramfs, command line, layers and manifest. Its id comes from the
 * content of all files but the manifest.
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
  const parts = [
    stored(kernel, 'vmlinuz'),
    stored(initramfs, 'initramfs.img'),
    generated('cmdline', `${cmdline}\n`),
    ...(existsSync(join(kernel.path, 'config')) ? [stored(kernel, 'config', 'kernel.config')] : []),
    ...layers.map(({ name, artifact }) => stored(artifact, name, `layers/${name}`)),
  ];
  const id = releaseId(parts);
  const removed = new Set(layers.flatMap(({ artifact }) => removedIn(artifact)));
  const packages = (pacstrap.meta.packages ?? []) as Manifest['packages'];
  const manifest = manifestText({
    name,
    release: id,
    created: new Date(epoch * 1000).toISOString(),
    artifacts: parts.map(({ path, step, sha256, bytes }) => ({ path, step, sha256, bytes })),
    packages: packages.filter(({ name }) => !removed.has(name)),
    kernel: { version: String(kernel.meta.version) },
    cmdline,
    config,
  });
  return { id, epoch, files: [...parts, generated('manifest.json', manifest)] };
}

/** Writes a release to a folder, with SHA256SUMS. Files of artifacts are hard links where that is possible. */
export function writeRelease(folder: string, { files, epoch }: Assembly): void {
  mkdirSync(folder, { recursive: true });
  for (const file of files) {
    if ('source' in file) linkOrCopy(file.source, join(folder, file.path));
    else writeAt(folder, file.path, file.text, epoch);
  }
  writeSums(folder, files, epoch);
}

/** Writes SHA256SUMS, in the form of sha256sum(1). */
export function writeSums(
  folder: string,
  files: readonly Pick<ReleaseFile, 'path' | 'sha256'>[],
  epoch: number,
): void {
  writeAt(folder, 'SHA256SUMS', sha256sums(files), epoch);
}

function writeAt(folder: string, path: string, text: string, epoch: number): void {
  writeFileSync(join(folder, path), text);
  utimesSync(join(folder, path), epoch, epoch);
}

function stored(artifact: Artifact, file: string, path = file): Part {
  const source = join(artifact.path, file);
  const sha256 = artifact.hash(file) ?? hashFile(source);
  return { path, step: artifact.step, sha256, bytes: statSync(source).size, source };
}

function generated(path: string, text: string): Part {
  const sha256 = createHash('sha256').update(text).digest('hex');
  return { path, step: 'install', sha256, bytes: Buffer.byteLength(text), text };
}

import { createHash } from 'node:crypto';
import type { Json } from '../json';

/** One file of a release. */
export interface ReleaseFile {
  /** Relative to the release's folder. */
  path: string;
  sha256: string;
  bytes: number;
  /** The step that made it. */
  step: string;
}

/** What `manifest.json` holds. */
export interface Manifest {
  name: string;
  release: string;
  /** The time stamp of the image, not the time of the build, so that the manifest is reproducible. ISO 8601. */
  created: string;
  artifacts: ReleaseFile[];
  packages: { name: string; version: string; arch: string }[];
  kernel: { version: string };
  cmdline: string;
  config: Json;
}

const ID_LENGTH = 16;

/** The id of a release: the first 16 hex digits of a SHA-256 of the paths and hashes of its files. */
export function releaseId(files: ReleaseFile[]): string {
  const hash = createHash('sha256');
  for (const { path, sha256 } of sorted(files)) hash.update(`${sha256}  ${path}\n`);
  return hash.digest('hex').slice(0, ID_LENGTH);
}

/** The manifest as a file: indented JSON with a newline at the end. */
export function manifestText(manifest: Manifest): string {
  return `${JSON.stringify({ ...manifest, artifacts: sorted(manifest.artifacts) }, null, 2)}\n`;
}

function sorted<F extends { path: string }>(files: F[]): F[] {
  return [...files].sort((a, b) => (a.path < b.path ? -1 : 1));
}

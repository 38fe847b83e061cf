import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { IMAGE_REFERENCE } from '../../config/image-reference';
import { indexTar, readInTar, type TarIndex } from '../../system/tar-index';

/** An image of an archive. */
export interface Archived {
  /** The SHA-256 of its configuration, `sha256:…`: its id in Docker's own store. */
  id: string;
  /** The names that it gets: `web:1`. */
  names: readonly string[];
}

/** What a file or folder is that `images` name, or what is wrong with it. */
export type Source = 'archive' | 'layout' | { problem: string };

/** Says what a path holds, by its content. */
export function sourceAt(path: string): Source {
  if (statSync(path).isDirectory()) {
    if (!existsSync(join(path, 'oci-layout'))) return { problem: 'it is a folder without a file oci-layout' };
    return named(() => namesInLayout(path).map(({ name }) => name)) ?? 'layout';
  }
  const index = indexTar(path);
  if (index === undefined) return { problem: 'it is no tar archive, or one that is compressed or cut off' };
  if (!index.has('manifest.json')) {
    const instead = index.has('oci-layout')
      ? 'it is an archive in the format of OCI: unpack it into a folder, and name that'
      : 'it has no manifest.json; `docker save` makes an archive of an image, `docker export` does not';
    return { problem: instead };
  }
  return named(() => imagesIn(path, index).flatMap(({ names }) => names)) ?? 'archive';
}

/** What is wrong with the names of images. */
function named(names: () => readonly string[]): { problem: string } | undefined {
  try {
    const all = names();
    const bad = all.find((name) => !IMAGE_REFERENCE.test(name));
    if (bad !== undefined) return { problem: `it has an image of the name ${JSON.stringify(bad)}` };
    return all.length > 0
      ? undefined
      : { problem: 'its images have no name: save them by name, `docker save web:1`' };
  } catch {
    return { problem: 'it is damaged' };
  }
}

/**
 * The images of an archive of `docker save` (Docker's image specification 1.2).
 *
 * @throws an error when it is damaged
 */
export function imagesIn(path: string, index: TarIndex | undefined = indexTar(path)): Archived[] {
  const read = (name: string): Buffer => {
    const content = index === undefined ? undefined : readInTar(path, index, name);
    if (content === undefined) throw new Error(`${path} has no ${name}`);
    return content;
  };
  const entries = JSON.parse(read('manifest.json').toString()) as {
    Config: string;
    RepoTags: string[] | null;
  }[];
  return entries.map(({ Config, RepoTags }) => ({
    id: `sha256:${createHash('sha256').update(read(Config)).digest('hex')}`,
    names: RepoTags ?? [],
  }));
}

/** An image of a folder in OCI's layout. */
export interface LaidOut {
  /** Its name for Docker. */
  name: string;
  /** What it is called in the folder; undefined: it is the only one. */
  reference: string | undefined;
}

const REFERENCE = 'org.opencontainers.image.ref.name';
const FULL_NAME = 'io.containerd.image.name';

/**
 * The images of a folder in OCI's layout (image-layout of its image specification). Without a name in full, one has the
 * folder's, with what the folder calls it as the tag.
 *
 * @throws an error when it is damaged
 */
export function namesInLayout(folder: string): LaidOut[] {
  const { manifests } = JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8')) as {
    manifests: { annotations?: Record<string, string> }[];
  };
  return manifests.map(({ annotations = {} }) => {
    const reference = annotations[REFERENCE];
    const full = annotations[FULL_NAME] ?? (/[/:]/.test(reference ?? '') ? reference : undefined);
    return { name: full ?? `${basename(folder)}:${reference ?? 'latest'}`, reference };
  });
}

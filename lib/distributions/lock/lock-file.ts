import { readFileSync, type Stats, statSync } from 'node:fs';
import { dirname, relative } from 'node:path';
import { dump } from 'js-yaml';
import type { InferOutput } from 'valibot';
import { IMAGE_REFERENCE } from '../../config/image-reference';
import { fields, key, list, map, required, text, whole } from '../../config/keys/kinds';
import { describe, Problems } from '../../config/problems';
import { checkKeys, validate } from '../../config/validate';
import { readYaml } from '../../config/yaml';
import { Dock0Error } from '../../error';
import { writeAtomically } from '../../system/atomic-write';
import { fileKind } from '../../system/file-kind';
import { PACKAGE_PATTERNS } from '../package';

const packageFields = fields({
  version: required(text('a version', PACKAGE_PATTERNS.version), 'its version'),
  architecture: required(text('an architecture', PACKAGE_PATTERNS.arch), 'its architecture'),
  repository: required(text('a repository', PACKAGE_PATTERNS.repository), 'its repository'),
  path: required(
    text('a path below the repository', PACKAGE_PATTERNS.path),
    'of its file, below the repository',
  ),
  sha256: required(text('64 hexadecimal digits', PACKAGE_PATTERNS.sha256), 'of its file'),
  bytes: required(whole('a number of bytes', 1), 'of its file'),
  snapshot: required(text('a day or a time'), 'of the state of the repository'),
});

const setFields = fields({
  wanted: required(list(text('a package name'), 'a list of packages'), 'what the configuration requests'),
  packages: required(
    map(text('a package name', PACKAGE_PATTERNS.name), packageFields, 'a map of packages'),
    'the exact packages that were resolved',
  ),
});

const imageFields = fields({
  distribution: required(
    text('the name of a distribution', /^[a-z0-9][\w.-]*$/),
    'the distribution of the image',
  ),
  release: key(text('a release'), "the distribution's release, where it has any"),
  architecture: required(text('an architecture'), 'the architecture of the image'),
  ssh_keys: key(
    map(
      text('a URL', /^https?:\/\/\S+$/),
      text('64 hexadecimal digits', PACKAGE_PATTERNS.sha256),
      'a map of URLs to the SHA-256 of what is there',
    ),
    'the files of public keys that are fetched',
  ),
  root: key(setFields, 'the packages of the root'),
  kernel: key(setFields, 'the packages that hold the kernel'),
  'kernel-source': key(setFields, 'the package that holds the source of the kernel'),
  images: key(
    map(
      text('an image', IMAGE_REFERENCE),
      text('sha256: and 64 hexadecimal digits', /^sha256:[0-9a-f]{64}$/),
      'a map of images to digests',
    ),
    'the digests of images of containers',
  ),
});

const lockFields = fields({
  lock: required(whole('1, the format that this version reads', 1, 1), 'the format of this file'),
  images: required(map(text('a name'), imageFields, 'a map of images'), 'by the name of the configuration'),
});

/** All that is locked in a file, by the configuration's name. */
export type LockedImages = Record<string, LockedImage>;

export type LockedImage = InferOutput<typeof imageFields>;

/** The packages of one request. */
export type LockedSet = InferOutput<typeof setFields>;

const HEADER = `# Every package of each image, exactly. Keep this file with the configuration: builds install what it says.
# \`gulp lock\` writes it, \`gulp outdated\` shows what is available, \`gulp update\` moves it.
`;

const read = new Map<string, { stamp: string; images: LockedImages }>();

/**
 * Reads a lock file.
 *
 * @returns undefined when there is no such file
 * @throws ConfigError with every wrong line
 */
export function readLock(path: string): LockedImages | undefined {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return undefined;
  if (!stats.isFile())
    throw new Dock0Error(`${shownPath(path)}: expected a lock file, found ${fileKind(stats)}`);
  const known = read.get(path);
  if (known?.stamp === stampOf(stats)) return known.images;
  const source = { name: shownPath(path), folder: dirname(path), lines: true };
  const problems = new Problems();
  const root = readYaml(readFileSync(path, 'utf8'), source, problems);
  if (root?.kind !== 'map') {
    const place = root?.place ?? { source, line: 1, column: 1 };
    if (!problems.broken) problems.add(place, [], `expected a map of keys, found ${describe(root)}`);
    problems.throwIfAny();
    return undefined;
  }
  checkKeys(root, { schema: lockFields, problems });
  let images: LockedImages = {};
  try {
    images = validate(root, lockFields, problems).config.images;
  } catch (error) {
    // A key without a default is missing; the problems name it.
    problems.throwIfAny();
    throw error;
  }
  problems.throwIfAny();
  read.set(path, { stamp: stampOf(stats), images });
  return images;
}

/**
 * Writes a lock file: sorted, one fact a line, so that a diff shows what changed. The old file is replaced atomically.
 */
export function writeLock(path: string, images: LockedImages): void {
  const text = HEADER + dump({ lock: 1, images: sorted(images) }, { lineWidth: -1, noRefs: true });
  writeAtomically(path, text);
}

/** The names sorted, the facts of each in the order of the schema. */
function sorted(images: LockedImages): LockedImages {
  return Object.fromEntries(
    byName(images).map(
      ([name, { distribution, release, architecture, images: pulled, ssh_keys: keys, ...sets }]) => [
        name,
        {
          distribution,
          ...(release === undefined ? {} : { release }),
          architecture,
          ...(keys === undefined ? {} : { ssh_keys: Object.fromEntries(byName(keys)) }),
          ...Object.fromEntries(
            (['root', 'kernel', 'kernel-source'] as const).flatMap((use) => {
              const set = sets[use];
              if (set === undefined) return [];
              const packages = Object.fromEntries(byName(set.packages));
              return [[use, { wanted: [...set.wanted].sort(), packages }]];
            }),
          ),
          ...(pulled === undefined ? {} : { images: Object.fromEntries(byName(pulled)) }),
        },
      ],
    ),
  );
}

function byName<T>(all: Record<string, T>): [string, T][] {
  return Object.entries(all).sort(([a], [b]) => (a < b ? -1 : 1));
}

function shownPath(path: string): string {
  return relative(process.cwd(), path) || path;
}

function stampOf({ size, mtimeMs, ctimeMs, ino }: Stats): string {
  return `${size} ${mtimeMs} ${ctimeMs} ${ino}`;
}

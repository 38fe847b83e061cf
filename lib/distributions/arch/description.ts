import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Dock0Error } from '../../error';
import { CommandError } from '../../system/process';
import type { Runner } from '../../system/sandbox';

/** The metadata of a package file (`.PKGINFO`): key -> values, in their order. */
export type PackageInfo = ReadonlyMap<string, readonly string[]>;

/**
 * Reads `.PKGINFO` of a package file.
 *
 * @throws Dock0Error when it is not a pacman package
 */
export async function packageInfo(file: string, run: Runner): Promise<PackageInfo> {
  try {
    const { stdout } = await run('bsdtar', ['-xOqf', file, '.PKGINFO']);
    const info = parseInfo(stdout);
    for (const key of ['pkgname', 'pkgver', 'arch'])
      if (!info.has(key)) throw new Dock0Error(`no ${key} in .PKGINFO`);
    return info;
  } catch (error) {
    if (!(error instanceof CommandError) && !(error instanceof Dock0Error)) throw error;
    throw new Dock0Error(`${basename(file)}: not a pacman package`, { cause: error });
  }
}

/** Reads `key = value` lines; `#` begins a comment. */
export function parseInfo(text: string): PackageInfo {
  const info = new Map<string, string[]>();
  for (const line of text.split('\n')) {
    const [, key, value] = /^(\w+) = (.*)$/.exec(line) ?? [];
    if (key !== undefined && value !== undefined) info.set(key, [...(info.get(key) ?? []), value]);
  }
  return info;
}

/** The newest build date of a package, in seconds since the epoch. */
export function buildDate(info: PackageInfo): number {
  return Number(info.get('builddate')?.[0] ?? 0);
}

/** A package file that goes into a database. */
export interface PackageFile {
  path: string;
  info: PackageInfo;
  /** Of the file: SHA-256 in hex. */
  sha256: string;
}

// Key of a database's `desc` file -> key of .PKGINFO, as repo-add(8) writes them.
const FIELDS: readonly (readonly [string, string])[] = [
  ['NAME', 'pkgname'],
  ['BASE', 'pkgbase'],
  ['VERSION', 'pkgver'],
  ['DESC', 'pkgdesc'],
  ['GROUPS', 'group'],
  ['ISIZE', 'size'],
  ['URL', 'url'],
  ['LICENSE', 'license'],
  ['ARCH', 'arch'],
  ['BUILDDATE', 'builddate'],
  ['PACKAGER', 'packager'],
  ['REPLACES', 'replaces'],
  ['CONFLICTS', 'conflict'],
  ['PROVIDES', 'provides'],
  ['DEPENDS', 'depend'],
  ['OPTDEPENDS', 'optdepend'],
];

/**
 * Writes a repository's database to install from. It needs no signature: the packages have theirs.
 *
 * @param file where it goes: `<name>.db`
 * @param packages its packages; with `like`, they replace others of the same name
 * @param work an empty folder for its content
 * @param like a database whose other packages are added
 */
export async function writeDatabase(
  file: string,
  packages: readonly PackageFile[],
  work: string,
  run: Runner,
  like?: string,
): Promise<void> {
  await mkdir(work, { recursive: true });
  if (like !== undefined) await run('bsdtar', ['-xf', like, '-C', work]);
  const names = new Set(packages.map(({ info }) => info.get('pkgname')?.[0]));
  for (const folder of await readdir(work)) {
    // Neither a version nor a release has a dash in it.
    if (names.has(folder.replace(/-[^-]+-[^-]+$/, ''))) await rm(join(work, folder), { recursive: true });
  }
  for (const each of packages) {
    const name = `${each.info.get('pkgname')?.[0]}-${each.info.get('pkgver')?.[0]}`;
    await mkdir(join(work, name), { recursive: true });
    await writeFile(join(work, name, 'desc'), await describe(each));
  }
  // Folders are named one by one, on standard input since they may be many: libalpm takes no `./` before a name.
  const folders = (await readdir(work)).sort().map((name) => `${name}\n`);
  await run('bsdtar', ['-czf', file, '-C', work, '--files-from', '-'], { input: folders.join('') });
}

async function describe({ path, info, sha256 }: PackageFile): Promise<string> {
  const { size } = await stat(path);
  const fields: (readonly [string, readonly string[]])[] = [
    ['FILENAME', [basename(path)]],
    ...FIELDS.map(([key, from]) => [key, info.get(from) ?? []] as const),
    ['CSIZE', [String(size)]],
    ['SHA256SUM', [sha256]],
  ];
  return fields
    .filter(([, values]) => values.length > 0)
    .map(([key, values]) => `%${key}%\n${values.join('\n')}\n\n`)
    .join('');
}

/** SHA-256 of a file in hex. */
export async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return hash.digest('hex');
}

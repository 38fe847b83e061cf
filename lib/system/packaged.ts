import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** What changes with every package that is installed, upgraded or removed on a machine with dpkg(1). */
const DATABASE = '/var/lib/dpkg/status';
/** For each package the MD5 of its files, in lines `<digest>  usr/bin/name` (deb-md5sums(5)). */
const SUMS = '/var/lib/dpkg/info';

/**
 * The state of this machine's packages, as a text that changes with it; undefined where there is no dpkg.
 */
export function packagesState(database = DATABASE): string | undefined {
  const stat = statSync(database, { throwIfNoEntry: false });
  return stat && `${stat.size} ${stat.mtimeMs} ${stat.ctimeMs} ${stat.ino}`;
}

/**
 * Whether a file is one of a package, as the package brought it: nobody has put one of their own in its place.
 *
 * @param sums the folder with the lists of the packages
 */
export function isPackaged(path: string, sums = SUMS): boolean {
  let real: string;
  try {
    real = realpathSync(path);
  } catch {
    return false;
  }
  const lists = namesIn(sums).filter((name) => name.endsWith('.md5sums'));
  // A system with merged folders knows files by their old names, too.
  const names = [real, real.replace(/^\/usr(?=\/s?bin\/)/, '')].map((name) => `  ${name.slice(1)}\n`);
  const digest = createHash('md5').update(readFileSync(real)).digest('hex');
  return lists.some((list) => {
    const text = `\n${readFileSync(join(sums, list), 'utf8')}\n`;
    return names.some((name) => text.includes(`\n${digest}${name}`));
  });
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

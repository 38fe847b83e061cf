import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ResolvedPackage } from '../package';
import type { Downloads } from '../provider';

/** The folder that apt downloads into, below the cache's downloads. */
export const FOLDER = 'debian';

/** apt's own names: an epoch is in them as `%3a` (apt-pkg's QuoteString). */
export function fileNameOf({
  name,
  version,
  arch,
}: Pick<ResolvedPackage, 'name' | 'version' | 'arch'>): string {
  return `${name}_${version.replaceAll(':', '%3a')}_${arch}.deb`;
}

/** All package files are in one folder, named by `fileNameOf`. */
export const downloads: Downloads = {
  folders: (all) => [join(all, FOLDER)].filter((folder) => existsSync(folder)),
  packageOf: (file) => {
    const [, name, version] = /^([^_]+)_([^_]+)_[^_]+\.deb$/.exec(file) ?? [];
    if (name === undefined || version === undefined) return undefined;
    return { name, version: version.replaceAll('%3a', ':') };
  },
};

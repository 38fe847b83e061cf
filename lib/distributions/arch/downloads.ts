import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Downloads } from '../provider';

/** The folder of pacman's packages, below the cache's downloads; each repository has a folder in it. */
export const FOLDER = 'pacman';

/** `docker-1:27.3.1-1-x86_64.pkg.tar.zst`: name, version and release, architecture (makepkg(8)). */
export const downloads: Downloads = {
  folders: (all) => {
    const folder = join(all, FOLDER);
    if (!existsSync(folder)) return [];
    const entries = readdirSync(folder, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(folder, name));
  },
  packageOf: (file) => {
    const [, name, version] = /^(.+)-([^-]+-[^-]+)-[^-]+\.pkg\.tar\./.exec(file) ?? [];
    return name === undefined || version === undefined ? undefined : { name, version };
  },
};

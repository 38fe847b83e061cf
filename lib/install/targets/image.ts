import { FORMATS } from '../formats';
import { LAYOUTS } from '../layouts';
import { LOADERS } from '../loaders';
import type { Target } from './target';

/** A disk image beside the release: the release on a file system of its own, with the menu of the boot loader. */
export const image: Target = {
  tools: ({ layout, loader, formats, ...install }) => [
    { name: 'mke2fs', versioned: true },
    { name: 'debugfs', versioned: true },
    ...LAYOUTS[layout].tools,
    ...(LAYOUTS[layout].boots ? LOADERS[loader].tools(install) : []),
    ...formats.flatMap((name) => FORMATS[name].tools),
  ],
  write: async (...all) => (await import('./write-image')).writeImage(...all),
};

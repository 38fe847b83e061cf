import { join } from 'node:path';
import { parseSize } from '../../config/size';
import { Dock0Error } from '../../error';
import { DISK_IMAGE, MACHINE_FILES, stageRelease } from '../../release/layout';
import { fileSystemBytes } from '../../system/ext4';
import { LAYOUTS } from '../layouts';
import { LOADERS } from '../loaders';
import type { Target } from './target';

/** A disk image beside the release: the release on a file system of its own, with the menu of the boot loader. */
export const image: Target = {
  tools: ({ layout, loader }) => [
    { name: 'mke2fs', versioned: true },
    { name: 'debugfs', versioned: true },
    ...LAYOUTS[layout].tools,
    ...(layout === 'gpt' ? LOADERS[loader].tools : []),
  ],
  write: async (folder, { id, epoch, files }, { values, files: inputs, tmp, run, log }, known) => {
    const { install } = values;
    log('writing the disk image');
    const layers = files.map(({ path }) => path).filter((path) => path.startsWith('layers/'));
    const staged = join(tmp, 'disk');
    stageRelease(folder, id, [...MACHINE_FILES, ...layers], staged, known.place);
    const loader = LOADERS[install.loader];
    const [program] = inputs;
    if (program !== undefined) await loader.menu(staged, id, program.path, { tmp, run });
    const layout = LAYOUTS[install.layout];
    const needed = fileSystemBytes(staged);
    const least = layout.least(needed);
    const bytes = install.size === 'auto' ? layout.auto(needed, install.releases) : parseSize(install.size);
    if (bytes < least)
      throw new Dock0Error('install.size: the release does not fit into the disk image', {
        hint: `It takes at least ${Math.ceil(least / 2 ** 20)}M; \`auto\` makes it fit.`,
      });
    const file = join(folder, DISK_IMAGE);
    const { label } = install;
    await layout.write({ file, bytes, from: staged, label, id, epoch, tmp, loader }, run);
    // What was read is what was staged.
    known.confirm();
    known.remove(staged);
    return [DISK_IMAGE];
  },
};

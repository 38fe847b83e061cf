import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseSize } from '../../config/size';
import { DISK_IMAGE, MACHINE_FILES, stageRelease } from '../../release/layout';
import { uuidOf, writeDiskImage } from '../../system/ext4';
import { LOADERS } from '../loaders';
import type { Target } from './target';

/** A disk image beside the release: one ext4 file system with the release and the menus of boot loaders. */
export const image: Target = {
  tools: [
    { name: 'mke2fs', versioned: true },
    { name: 'debugfs', versioned: true },
  ],
  write: async (folder, { id, epoch, cmdline, files }, { values, tmp, run, log }, known) => {
    const { label, size } = values.install;
    log('writing the disk image');
    const layers = files.map(({ path }) => path).filter((path) => path.startsWith('layers/'));
    const staged = join(tmp, 'disk');
    stageRelease(folder, id, [...MACHINE_FILES, ...layers], staged, known.place);
    for (const loader of Object.values(LOADERS)) {
      const { path, text } = loader({ ...values, cmdline, uuid: uuidOf(id) });
      mkdirSync(dirname(join(staged, path)), { recursive: true });
      writeFileSync(join(staged, path), text);
    }
    const file = join(folder, DISK_IMAGE);
    const bytes = size === 'auto' ? undefined : parseSize(size);
    await writeDiskImage({ file, from: staged, label, size: bytes, id, epoch, tmp }, run);
    // What was read is what was staged.
    known.confirm();
    known.remove(staged);
    return [DISK_IMAGE];
  },
};

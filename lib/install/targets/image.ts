import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mebibytesOf } from '../../config/disk-volumes';
import { parseSize } from '../../config/size';
import { DISK_IMAGE, LAYOUT, MACHINE_FILES, stageRelease } from '../../release/layout';
import { fileSystemBytes } from '../../system/ext4';
import { FORMATS } from '../formats';
import { LAYOUTS } from '../layouts';
import { LOADERS } from '../loaders';
import { divide } from '../room';
import type { Target } from './target';

/** A disk image beside the release: the release on a file system of its own, with the menu of the boot loader. */
export const image: Target = {
  tools: ({ layout, loader, formats }) => [
    { name: 'mke2fs', versioned: true },
    { name: 'debugfs', versioned: true },
    ...LAYOUTS[layout].tools,
    ...(layout === 'gpt' ? LOADERS[loader].tools : []),
    ...formats.flatMap((name) => FORMATS[name].tools),
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
    const release = fileSystemBytes(staged);
    const releases = layout.room(install.releases);
    if (releases > 1) writeFileSync(join(staged, LAYOUT.room), `${(releases * release) / 2 ** 20}\n`);
    const disk = divide(
      {
        ...{ release, releases, overhead: layout.overhead },
        volumes: values.volumes.map(({ size }) => mebibytesOf(size)),
      },
      install.size === 'auto' ? install.size : parseSize(install.size),
    );
    const file = join(folder, DISK_IMAGE);
    const { label } = install;
    await layout.write({ ...disk, file, from: staged, label, id, epoch, tmp, loader }, run);
    // What was read is what was staged.
    known.confirm();
    known.remove(staged);
    const formats = [...new Set(install.formats)].map((name) => ({
      name: `disk.${name}`,
      format: FORMATS[name],
    }));
    for (const { name, format } of formats) {
      log(`writing ${name}`);
      await format.write({ from: file, to: join(folder, name), id, epoch }, run);
    }
    return [DISK_IMAGE, ...formats.map(({ name }) => name)].map((path) => ({ path }));
  },
};

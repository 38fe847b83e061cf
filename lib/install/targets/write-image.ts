import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mebibytesOf } from '../../config/disk-volumes';
import { parseSize } from '../../config/size';
import { writeSums } from '../../release/assemble';
import { DISK_IMAGE, LAYOUT, MACHINE_FILES, stageRelease } from '../../release/layout';
import { fileSystemBytes } from '../../system/ext4';
import { writeBoot, writeMenu } from '../boot';
import { FORMATS } from '../formats';
import { LEAST_ESP_BYTES } from '../layout';
import { LAYOUTS } from '../layouts';
import { LOADERS } from '../loaders';
import { divide } from '../room';
import { signer } from '../signing';
import { UKI, writeUki } from '../uki';
import { PROGRAM, type Target } from './target';

/** Writes the disk image of a release into its folder, in all of its formats. */
export const writeImage: Target['write'] = async (
  folder,
  { id, epoch, files },
  { values, means, files: inputs, tmp, run, log },
  known,
) => {
  const { install, name } = values;
  log('writing the disk image');
  const layers = files.map(({ path }) => path).filter((path) => path.startsWith('layers/'));
  const staged = join(tmp, 'disk');
  const { loader } = install;
  const at = { tmp, run, sign: means.keys && signer(means.keys, epoch, { tmp, run }) };
  const own = install.uki ? [UKI] : [];
  if (install.uki) {
    await writeUki(folder, { id, name }, at.sign);
    const sha256 = known.addNew(join(folder, UKI), UKI);
    writeSums(folder, [...files, { path: UKI, sha256 }], epoch, known);
  }
  stageRelease(folder, id, [...MACHINE_FILES, ...LOADERS[loader].files, ...layers], staged, known.place);
  const layout = LAYOUTS[install.layout];
  const [program] = inputs.filter(({ role }) => role === PROGRAM).map(({ path }) => path);
  const first = { loader, id, release: folder, staged, program: String(program) };
  const boot = layout.boots ? await writeBoot(first, layout.room(install.releases), at) : undefined;
  if (boot === undefined) await writeMenu(first, at);
  const release = fileSystemBytes(staged);
  const releases = layout.room(install.releases);
  if (releases > 1) writeFileSync(join(staged, LAYOUT.room), `${(releases * release) / 2 ** 20}\n`);
  const disk = divide(
    {
      ...{ release, releases, overhead: layout.overhead(boot?.bytes ?? LEAST_ESP_BYTES) },
      volumes: values.volumes.map(({ size }) => mebibytesOf(size)),
    },
    install.size === 'auto' ? install.size : parseSize(install.size),
  );
  const file = join(folder, DISK_IMAGE);
  const { label } = install;
  await layout.write({ ...disk, file, from: staged, label, id, epoch, tmp, boot }, run);
  // What was read is what was staged.
  known.confirm();
  await known.remove(staged);
  const formats = [...new Set(install.formats)].map((name) => ({
    name: `disk.${name}`,
    format: FORMATS[name],
  }));
  for (const { name, format } of formats) {
    log(`writing ${name}`);
    await format.write({ from: file, to: join(folder, name), id, epoch }, run);
  }
  return [...own, DISK_IMAGE, ...formats.map(({ name }) => name)].map((path) => ({ path }));
};

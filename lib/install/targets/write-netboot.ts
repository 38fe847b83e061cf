import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { appendArchive } from '../../initramfs/append';
import { writeSums } from '../../release/assemble';
import { INITRAMFS, layersTable, NETBOOT, netbootScript, SCRIPT } from '../netboot';
import type { Target } from './target';

/** Writes the folder for machines that boot over the network into that of a release. */
export const writeNetboot: Target['write'] = async (
  folder,
  { id, epoch, cmdline, files },
  { values, log },
  known,
) => {
  log('writing the folder for machines that boot over the network');
  const served = join(folder, NETBOOT);
  mkdirSync(served);
  const layers = files.filter(({ path }) => path.startsWith('layers/'));
  const linked = files.filter((file) => file.path === 'vmlinuz' || layers.includes(file));
  for (const { path } of linked) known.place(join(folder, path), join(served, path));
  const added = async (path: string, write: (file: string) => void | Promise<void>) => {
    const file = join(served, path);
    await write(file);
    utimesSync(file, epoch, epoch);
    return { path, sha256: known.addNew(file, `${NETBOOT}/${path}`) };
  };
  const table = { path: 'etc/dock0/layers', content: Buffer.from(layersTable(id, layers)) };
  const made = [
    ...linked.map(({ path, sha256 }) => ({ path, sha256 })),
    await added(INITRAMFS, (file) =>
      appendArchive(join(folder, 'initramfs.img'), file, [{ type: 'file', mode: 0o644, ...table }]),
    ),
    await added(SCRIPT, (file) => writeFileSync(file, netbootScript(id, cmdline, values.install.url))),
  ];
  writeSums(served, made, epoch, known);
  const inRelease = made.map(({ path, sha256 }) => ({ path: `${NETBOOT}/${path}`, sha256 }));
  return [...inRelease, { path: `${NETBOOT}/SHA256SUMS` }];
};

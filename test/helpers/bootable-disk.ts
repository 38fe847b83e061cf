import { copyFileSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { machineProgram } from '../../lib/config/paths';
import { writeBoot } from '../../lib/install/boot';
import { LAYOUTS } from '../../lib/install/layouts';
import { LOADERS } from '../../lib/install/loaders';
import { divide, type VolumeSizes } from '../../lib/install/room';
import type { Signer } from '../../lib/install/signing';
import { UKI, writeUki } from '../../lib/install/uki';
import { LAYOUT, MACHINE_FILES, stageRelease } from '../../lib/release/layout';
import { fileSystemBytes } from '../../lib/system/ext4';
import { run } from '../../lib/system/process';
import { startVm, type VmDisk } from '../../lib/vm/qemu';
import type { Firmware } from '../../lib/vm/qemu-firmware';
import { type LayerFile, type Made, writeLayers } from './initramfs-machine';

/** How long a boot may take, also where many machines run at once. */
const LONGEST_MS = 400_000;

/**
 * Writes a release of tiny layers to a folder.
 *
 * @param more words of its command line
 * @param uki makes it have a unified kernel image
 */
export async function writeRelease(
  folder: string,
  made: Made,
  layers: Record<string, Record<string, LayerFile>>,
  id: string,
  more = '',
  uki?: { sign?: Signer },
): Promise<string> {
  mkdirSync(folder, { recursive: true });
  copyFileSync(join(made.kernel.path, 'vmlinuz'), join(folder, 'vmlinuz'));
  copyFileSync(join(made.initramfs.path, 'initramfs.img'), join(folder, 'initramfs.img'));
  await writeLayers(join(folder, 'layers'), layers);
  const words = `quiet no_timer_check console=ttyS0,115200 panic=-1 dock0.root=LABEL=dock0 dock0.id=${id}`;
  writeFileSync(join(folder, 'cmdline'), `${words} ${more}\n`);
  writeFileSync(join(folder, 'manifest.json'), `{\n  "name": "tiny",\n  "release": "${id}"\n}\n`);
  const files = ['vmlinuz', 'initramfs.img', 'cmdline', 'manifest.json'];
  if (uki !== undefined) {
    await writeUki(folder, { id, name: 'tiny' }, uki.sign);
    files.push(UKI);
  }
  const packed = Object.keys(layers).map((name) => `layers/${name}.squashfs`);
  const { stdout } = await run('sha256sum', [...files, ...packed], {
    cwd: folder,
    keep: Number.POSITIVE_INFINITY,
  });
  writeFileSync(join(folder, 'SHA256SUMS'), `${stdout.trimEnd()}\n`);
  return folder;
}

/**
 * A disk that boots by itself, with a release, as the install step writes it.
 *
 * @param volumes the sizes of those that the machine makes, in MiB
 * @param size of the disk, in bytes
 * @param sign signs what firmware starts
 */
export async function bootableDisk(
  folder: string,
  release: string,
  id: string,
  volumes: VolumeSizes,
  size: number | 'auto',
  loader: keyof typeof LOADERS = 'grub',
  sign?: Signer,
): Promise<string> {
  const staged = join(folder, 'staged');
  const tmp = join(folder, 'tmp');
  mkdirSync(tmp, { recursive: true });
  const layers = readdirSync(join(release, 'layers')).map((name) => `layers/${name}`);
  stageRelease(release, id, [...MACHINE_FILES, ...LOADERS[loader].files, ...layers], staged);
  const first = { loader, id, release, staged, program: machineProgram('releases') };
  const boot = await writeBoot(first, 2, { tmp, run, sign });
  const file = join(folder, 'disk.img');
  const bytes = fileSystemBytes(staged);
  const wanted = { release: bytes, releases: 2, overhead: LAYOUTS.gpt.overhead(boot.bytes), volumes };
  writeFileSync(join(staged, LAYOUT.room), `${(wanted.releases * bytes) / 2 ** 20}\n`);
  const disk = divide(wanted, size);
  await LAYOUTS.gpt.write(
    { ...disk, file, from: staged, label: 'dock0', id, epoch: 1_700_000_000, tmp, boot },
    run,
  );
  return file;
}

/**
 * Starts a machine from its disk, waits until it is off, and returns what it said.
 *
 * @param cut the line at which the power fails
 * @param variables the store with the variables of UEFI
 */
export async function bootFrom(
  firmware: Firmware,
  disk: VmDisk,
  folder: string,
  {
    onReboot = 'end',
    cut,
    variables,
  }: { onReboot?: 'end' | 'reboot'; cut?: RegExp; variables?: string } = {},
): Promise<string[]> {
  const console: string[] = [];
  const vm = await startVm({
    firmware,
    ...(variables && { variables }),
    memory: '512M',
    cpus: 2,
    disks: [disk],
    onReboot,
    onConsole: (line) => {
      console.push(line);
      if (cut?.test(line)) vm.kill();
    },
    signal: AbortSignal.timeout(LONGEST_MS),
    tmp: folder,
  });
  try {
    await vm.ended;
  } catch (error) {
    throw new Error(`the machine did not turn itself off:\n${console.join('\n')}`, { cause: error });
  }
  return console;
}

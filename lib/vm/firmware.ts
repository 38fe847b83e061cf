import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import type { Flags } from '../config/flags';
import { machineProgram } from '../config/paths';
import type { Config } from '../config/schema';
import { Dock0Error } from '../error';
import { writeMenu } from '../install/boot';
import { ESP_START, RELEASES_START } from '../install/layout';
import { LOADERS } from '../install/loaders';
import { UKI, writeUki } from '../install/uki';
import { DISK_IMAGE, LAYOUT } from '../release/layout';
import type { Runner } from '../system/sandbox';
import { DATA_BYTES } from './disks';

const MENU = 'boot/grub/grub.cfg';

/** A copy of a release's disk image whose machine runs the agent. */
export interface AgentDisk {
  file: string;
  /** Makes it start the release with another initrd and command line. */
  fill: (initrd: string, cmdline: string) => Promise<void>;
}

/**
 * The disk image of a release.
 *
 * @throws Dock0Error where it has none that boots by itself
 */
export function bootableImage(release: string, { layout }: Config['install']): string {
  const image = join(release, DISK_IMAGE);
  if (existsSync(image) && layout === 'gpt') return image;
  throw new Dock0Error(`--via: release ${basename(release)} has no disk that boots by itself`, {
    hint: 'Set `install.target: image` and `install.layout: gpt`, or leave `--via` out.',
  });
}

/** @throws Dock0Error where the boot loader is none for what the machine is to start with */
export function checkVia({ layout, loader }: Config['install'], via: Flags['via']): void {
  if (via === 'direct' || via === 'netboot' || layout !== 'gpt' || LOADERS[loader].firmware.includes(via))
    return;
  throw new Dock0Error(`--via ${via}: install.loader is ${loader}, which boots by UEFI only`, {
    hint: 'Say `--via uefi`, or set `install.loader: grub`.',
  });
}

/**
 * Copies a release's disk image. What QEMU passes to a kernel that it starts itself, the agent's initrd and words of the
 * command line, has to be on the disk here; all the rest is the release's. No program is signed: the machine has no Secure Boot.
 *
 * @throws Dock0Error where it has no image that boots by itself
 */
export async function agentDisk(
  release: string,
  { install, name }: Pick<Config, 'install' | 'name'>,
  tmp: string,
  run: Runner,
): Promise<AgentDisk> {
  const image = bootableImage(release, install);
  const file = join(tmp, DISK_IMAGE);
  await run('cp', ['--sparse=always', '--reflink=auto', image, file]);
  const id = basename(release);
  // A disk of the usual size: the volumes on it have room.
  truncateSync(file, Math.max(statSync(file).size, DATA_BYTES));
  const own = join(tmp, 'agent-release');
  const staged = join(tmp, 'agent-disk');
  mkdirSync(own);
  for (const each of ['manifest.json', 'vmlinuz']) copyFileSync(join(release, each), join(own, each));
  return {
    file,
    fill: async (initrd, cmdline) => {
      const folder = join(staged, LAYOUT.release(id));
      rmSync(staged, { recursive: true, force: true });
      mkdirSync(folder, { recursive: true });
      copyFileSync(initrd, join(own, 'initramfs.img'));
      writeFileSync(join(own, 'cmdline'), `${cmdline}\n`);
      if (install.uki) await writeUki(own, { id, name }, undefined);
      const names = ['manifest.json', 'vmlinuz', 'initramfs.img', 'cmdline', ...(install.uki ? [UKI] : [])];
      writeFileSync(join(own, 'SHA256SUMS'), (await run('sha256sum', names, { cwd: own })).stdout);
      for (const each of ['manifest.json', 'cmdline', 'SHA256SUMS'])
        copyFileSync(join(own, each), join(folder, each));
      const { loader } = install;
      const program = machineProgram('releases');
      const esp = await writeMenu({ loader, id, release: own, staged, program }, { tmp, run });
      await replaceOnEsp(file, esp, run);
      if (LOADERS[loader].files.length > 0) await replaceForGrub(file, id, { own, staged }, run);
    },
  };
}

/** Puts the files of a folder onto the EFI system partition, in place of those with the same names. */
async function replaceOnEsp(file: string, esp: string, run: Runner): Promise<void> {
  const names = readdirSync(esp).map((each) => join(esp, each));
  if (names.length === 0) return;
  const env = { MTOOLS_SKIP_CHECK: '1', TZ: 'UTC' };
  await run('mcopy', ['-s', '-o', '-Q', '-i', `${file}@@${ESP_START}`, ...names, '::'], { env });
  rmSync(esp, { recursive: true });
}

/** Puts the initramfs and the menu that GRUB reads onto the file system of the releases. */
async function replaceForGrub(
  file: string,
  id: string,
  { own, staged }: { own: string; staged: string },
  run: Runner,
): Promise<void> {
  const replace = (source: string, target: string): string[] => [
    `rm "/${target}"`,
    `cd "/${join(target, '..')}"`,
    `write "${source}" "${basename(target)}"`,
  ];
  const commands = [
    ...replace(join(own, 'initramfs.img'), join(LAYOUT.release(id), 'initramfs.img')),
    ...replace(join(staged, MENU), MENU),
  ];
  await run('debugfs', ['-w', '-f', '-', `${file}?offset=${RELEASES_START}`], {
    input: `${commands.join('\n')}\n`,
  });
}

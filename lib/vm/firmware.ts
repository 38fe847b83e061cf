import { copyFileSync, existsSync, mkdirSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { machineProgram } from '../config/paths';
import type { Config } from '../config/schema';
import { Dock0Error } from '../error';
import { RELEASES_START } from '../install/layout';
import { LOADERS } from '../install/loaders';
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

/**
 * Copies a release's disk image. What QEMU passes to a kernel that it starts itself, the agent's initrd and words of the
 * command line, has to be on the disk here; all the rest is the release's.
 *
 * @throws Dock0Error where it has no image that boots by itself
 */
export async function agentDisk(
  release: string,
  { install }: Pick<Config, 'install'>,
  tmp: string,
  run: Runner,
): Promise<AgentDisk> {
  const image = bootableImage(release, install);
  const file = join(tmp, DISK_IMAGE);
  await run('cp', ['--sparse=always', '--reflink=auto', image, file]);
  const id = basename(release);
  // A disk of the usual size: the volumes on it have room.
  truncateSync(file, Math.max(statSync(file).size, DATA_BYTES));
  const own = join(tmp, 'agent-initrd');
  const staged = join(tmp, 'agent-disk');
  const folder = join(staged, LAYOUT.release(id));
  mkdirSync(folder, { recursive: true });
  for (const name of ['manifest.json', 'SHA256SUMS']) copyFileSync(join(release, name), join(folder, name));
  return {
    file,
    fill: async (initrd, cmdline) => {
      copyFileSync(initrd, own);
      writeFileSync(join(folder, 'cmdline'), `${cmdline}\n`);
      await LOADERS[install.loader].menu(staged, id, machineProgram('releases'), { tmp, run });
      const replace = (source: string, target: string): string[] => [
        `rm "/${target}"`,
        `cd "/${join(target, '..')}"`,
        `write "${source}" "${basename(target)}"`,
      ];
      const commands = [
        ...replace(own, join(LAYOUT.release(id), 'initramfs.img')),
        ...replace(join(staged, MENU), MENU),
      ];
      await run('debugfs', ['-w', '-f', '-', `${file}?offset=${RELEASES_START}`], {
        input: `${commands.join('\n')}\n`,
      });
    },
  };
}

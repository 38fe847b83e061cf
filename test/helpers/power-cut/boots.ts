import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../../../lib/system/process';
import type { LoaderName } from './update';

/** The parts of a disk, each in a file of its own. */
export interface Parts {
  esp: string;
  releases: string;
}

/** What a boot loader starts. */
export interface Chosen {
  id: string;
  /** The content of kernel and initramfs as it reads them. */
  vmlinuz: Buffer | undefined;
  initramfs: Buffer | undefined;
  /** The words of the command line. */
  options: string;
}

/** Finds out what a boot loader starts, as it reads the disk; undefined where it starts nothing. */
export const CHOICES: Record<LoaderName, (parts: Parts, folder: string) => Promise<Chosen | undefined>> = {
  grub: grubChoice,
  'systemd-boot': systemdBootChoice,
};

/**
 * Copies files out of a file system of the type ext4 as it is, without its journal; what is not there is left away. Nor does
 * GRUB look at the journal, or at the checksums of metadata.
 */
export async function dump(image: string, paths: readonly string[], folder: string): Promise<void> {
  const script = join(folder, 'debugfs');
  const lines = paths.map((path) => {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    rmSync(join(folder, path), { force: true });
    return `dump ${path} ${join(folder, path)}\n`;
  });
  writeFileSync(script, lines.join(''));
  await run('debugfs', ['-n', '-c', '-f', script, image], { okCodes: [0, 1] });
}

export const sumOf = (content: Buffer): string => createHash('sha256').update(content).digest('hex');

const read = (path: string): Buffer | undefined => (existsSync(path) ? readFileSync(path) : undefined);

/** What the menu comes to that hooks/machine/loaders/grub writes: current where its kernel is there, trying where it has a try left. */
async function grubChoice({ releases }: Parts, folder: string): Promise<Chosen | undefined> {
  const [menuFile, stateFile] = ['/boot/grub/grub.cfg', '/boot/grub/grubenv'];
  await dump(releases, [menuFile, stateFile], folder);
  const menu = read(join(folder, menuFile))?.toString('latin1') ?? '';
  const entries = [
    ...menu.matchAll(
      /^menuentry '.*' --id release-(\S+) \{\n(?: {2}(?:set|if) .*\n)*? {2}linux (\S+) (.*)\n {2}initrd (\S+)\n\}$/gm,
    ),
  ];
  const fallback = /^set default=release-(\S+)$/m.exec(menu)?.[1];
  const state = read(join(folder, stateFile))?.toString('latin1') ?? '';
  const readable = state.length === 1024 && state.startsWith('# GRUB Environment Block\n');
  const stated = (name: string): string =>
    (readable && new RegExp(`^${name}=(.*)$`, 'm').exec(state)?.[1]) || '';
  const [current, trying] = [stated('current'), stated('trying')];
  const asked = [...new Set([current, trying])].filter((id) => /^[0-9a-f]+$/.test(id));
  await dump(
    releases,
    asked.map((id) => `/dock0/${id}/vmlinuz`),
    folder,
  );
  const there = (id: string): boolean =>
    asked.includes(id) && existsSync(join(folder, 'dock0', id, 'vmlinuz'));
  let wanted = there(current) ? current : fallback;
  if (/^[1-9]$/.test(stated('tries')) && there(trying)) wanted = trying;
  // One that is not in the menu is the first of it.
  const entry = entries.find(([, id]) => id === wanted) ?? entries[0];
  const [, , kernel = '', options = '', initramfs = ''] = entry ?? [];
  const id = /(?:^| )dock0\.release=([0-9a-f]+)/.exec(options)?.[1];
  if (id === undefined) return undefined;
  await dump(releases, [kernel, initramfs], folder);
  const chosen = { vmlinuz: read(join(folder, kernel)), initramfs: read(join(folder, initramfs)) };
  return { id, options: options.replaceAll('\\', ''), ...chosen };
}

/** systemd-boot(7) and the Boot Loader Specification: the newest entry that has tries left, else the newest one. */
async function systemdBootChoice({ esp }: Parts, folder: string): Promise<Chosen | undefined> {
  const out = join(folder, 'esp');
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  const copy = (path: string): Promise<unknown> =>
    run('mcopy', ['-s', '-n', '-i', esp, `::/${path}`, out], {
      okCodes: [0, 1],
      env: { MTOOLS_SKIP_CHECK: '1' },
    });
  const env = { MTOOLS_SKIP_CHECK: '1' };
  const { stdout } = await run('mdir', ['-b', '-i', esp, '::/loader/entries'], { okCodes: [0, 1], env });
  const names = stdout
    .split('\n')
    .map((line) => line.split('/').at(-1) ?? '')
    .filter((name) => /\.conf$/i.test(name));
  const exhausted = (name: string): boolean => /\+0+(?:-\d+)?\.conf$/.test(name);
  names.sort((one, other) => Number(exhausted(one)) - Number(exhausted(other)) || (one < other ? 1 : -1));
  for (const name of names) {
    // One by one: mcopy ends at a file that it cannot read, and a boot loader goes on to the next.
    await copy(`loader/entries/${name}`);
    const entry = read(join(out, name))?.toString('latin1') ?? '';
    const field = (key: string): string => new RegExp(`^${key} +(.*)$`, 'm').exec(entry)?.[1] ?? '';
    const [kernel, initramfs, options] = [field('linux'), field('initrd'), field('options')];
    // Of no use to it, as a file without a kernel is.
    if (kernel === '') continue;
    const id = /(?:^| )dock0\.release=([0-9a-f]+)/.exec(options)?.[1];
    if (id === undefined) return undefined;
    for (const path of [kernel, initramfs]) await copy(path.replace(/^\//, ''));
    const content = (path: string): Buffer | undefined => read(join(out, path.split('/').at(-1) ?? ''));
    return { id, options, vmlinuz: content(kernel), initramfs: content(initramfs) };
  }
  return undefined;
}

import { createReadStream, statSync } from 'node:fs';
import { join } from 'node:path';
import { Dock0Error } from '../error';
import { appendArchive } from '../initramfs/append';
import { readElf } from '../initramfs/elf';
import { builtinHooks } from '../initramfs/hooks';
import type { Entry } from '../streams/entry';
import { findTool } from '../system/find-tool';

/** Files for the guest's /run, by path relative to it. */
export type RunFiles = Record<
  string,
  { text: string } | { source: string; mode?: number } | { link: string }
>;

/** The word on the kernel command line that runs what `writeVmInitrd` adds. */
export const VM_INIT = 'rdinit=/vm/init';

/**
 * Writes an initrd of a release's own initramfs, unchanged, followed by a second archive. That has a hook that copies
 * `files` to /run before the root's init is started, so that nothing in the release needs to know about it.
 *
 * @param target the file to write
 */
export async function writeVmInitrd(initramfs: string, target: string, files: RunFiles): Promise<void> {
  const own = join(builtinHooks(), 'vm');
  const entries: Entry[] = [
    fileEntry('hooks/vm', join(own, 'hook'), 0o755),
    fileEntry('vm/init', join(own, 'init'), 0o755),
    ...Object.keys(files)
      .sort()
      .map((path) => runEntry(`vm/run/${path}`, files[path] as RunFiles[string])),
  ];
  await appendArchive(initramfs, target, entries);
}

/** A systemd unit of the guest, started with multi-user.target. */
export function startedUnit(name: string, source: string): RunFiles {
  return {
    [`systemd/system/${name}`]: { source },
    [`systemd/system/multi-user.target.wants/${name}`]: { link: `../${name}` },
  };
}

/**
 * This machine's static busybox, for the agent in the guest and for its container.
 *
 * @throws Dock0Error when it is missing, or needs libraries
 */
export function staticBusybox(): string {
  const path = findTool('busybox');
  if (path !== undefined && readElf(path)?.interpreter === undefined) return path;
  const found = path === undefined ? 'busybox is not installed' : `${path} is dynamically linked`;
  throw new Dock0Error(`${found}; the container needs a static one`, {
    hint: '`gulp setup` installs it (Debian: busybox-static).',
  });
}

function runEntry(path: string, file: RunFiles[string]): Entry {
  if ('link' in file) return { type: 'symlink', path, mode: 0o777, target: file.link };
  if ('text' in file) return { type: 'file', path, mode: 0o644, content: Buffer.from(file.text) };
  return fileEntry(path, file.source, file.mode ?? 0o644);
}

function fileEntry(path: string, source: string, mode: number): Entry {
  return {
    type: 'file',
    path,
    mode,
    content: { size: statSync(source).size, open: () => createReadStream(source) },
  };
}

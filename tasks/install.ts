import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { BuildContext, BuildRun, BuildStep } from '../lib/build';
import type { Config } from '../lib/config/schema';
import { parseSize } from '../lib/config/size';
import { readContent } from '../lib/engine/content';
import { hashFile } from '../lib/engine/hash-index';
import type { Artifact, Meta } from '../lib/engine/step';
import { cmdlineOf } from '../lib/release/cmdline';
import { currentRelease, pruneReleases, switchCurrent } from '../lib/release/folder';
import { type Manifest, manifestText, type ReleaseFile, releaseId } from '../lib/release/manifest';
import { checkRelease, writeRecord } from '../lib/release/record';
import { sha256sums } from '../lib/streams/sha256sums';
import { writeDiskImage } from '../lib/system/ext4';
import { guard } from '../lib/system/guard';
import { linkOrCopy } from '../lib/system/link-or-copy';
import { initramfs } from './initramfs';
import { kernel } from './kernel';
import { pacstrap } from './pacstrap';
import { removedIn, squash, squashFiles } from './squash';

/**
 * Puts kernel, initramfs and layers together as a release in `build/<name>/releases/<id>/`, with its manifest,
 * checksums and, for the target `image`, a disk image; then makes it the current one.
 */
export const install: BuildStep<string> = {
  name: 'install',
  description: 'Puts the release together and makes it the current one',
  version: 2,
  root: 'keeps owners in the disk image',
  needs: (context) => ({ ...squash(context), kernel, initramfs, pacstrap }),

  inputs: ({ config, shown, output }) => ({
    values: {
      name: config.name,
      cmdline: cmdlineOf(config),
      install: JSON.parse(JSON.stringify(config.install)),
      config: shown,
      output,
    },
    tools: config.install.target === 'image' ? ['mke2fs', 'debugfs'] : [],
  }),

  current: async ({ meta }, context) => {
    const id = String(meta.release);
    const folder = join(context.output, 'releases', id);
    const damages = (await checkRelease(context.cache, folder)) ?? [{ path: '.', problem: 'is unknown' }];
    for (const { path, problem } of damages) context.log(`release ${id}: ${path} ${problem}`);
    return damages.length === 0 && currentRelease(context.output) === id;
  },

  run: async (context) => {
    const { config, output, out, tmp, cache, needs, log } = context;
    const epoch = Number(needs.pacstrap?.meta.epoch);
    const parts = releaseParts(context);
    const id = releaseId(parts);
    const made = join(output, `.making-${id}`);
    const held = await guard(
      join(cache, 'locks', `${createHash('sha256').update(output).digest('hex').slice(0, 32)}.lock`),
      {
        remove: [made],
        signal: context.signal,
        onWait: () => log('waiting for another build that installs'),
      },
    );
    try {
      await rm(made, { recursive: true, force: true });
      const files: Pick<ReleaseFile, 'path' | 'sha256'>[] = [
        ...parts,
        ...writeTexts(made, id, parts, epoch, context),
      ];
      for (const part of parts) linkOrCopy(part.source, join(made, part.path));
      writeFileSync(join(made, 'SHA256SUMS'), sha256sums(files));
      setTimes(made, ['manifest.json', 'SHA256SUMS', 'cmdline'], epoch);
      if (config.install.target === 'image') {
        await diskImage(made, id, epoch, context);
        // The disk image holds the sums of what is in it; beside it, they have its own too.
        files.push({ path: 'disk.img', sha256: hashFile(join(made, 'disk.img')) });
        writeFileSync(join(made, 'SHA256SUMS'), sha256sums(files));
      }
      const folder = join(output, 'releases', id);
      await replaceFolder(made, folder);
      await switchCurrent(output, id);
      for (const old of await pruneReleases(output, config.install.releases))
        log(`removed the old release ${old}`);
      const known = Object.fromEntries(files.map(({ path, sha256 }) => [path, sha256]));
      const artifacts = Object.values(needs).map(({ fingerprint }) => fingerprint);
      writeRecord(cache, { folder, artifacts, content: await readContent(folder, known) });
    } finally {
      await held.release();
    }
    await rm(join(tmp, 'disk'), { recursive: true, force: true });
    for (const artifact of Object.values(needs)) if (artifact.step !== 'pacstrap') artifact.relinked();
    writeFileSync(join(out, 'release'), `${id}\n`);
    log(`release ${id}`);
    return { release: id };
  },
};

type Part = ReleaseFile & { source: string };

function releaseParts(context: BuildRun): Part[] {
  const { needs, tmp, config } = context;
  const { kernel: built, initramfs: ram } = needs as Record<'kernel' | 'initramfs', Artifact>;
  const cmdline = join(tmp, 'cmdline');
  writeFileSync(cmdline, `${cmdlineOf(config)}\n`);
  const known = existsSync(join(built.path, 'config'));
  const from = (artifact: Artifact, file: string, path = file): Omit<Part, 'bytes'> => {
    const source = join(artifact.path, file);
    return { path, source, step: artifact.step, sha256: artifact.hash(file) ?? hashFile(source) };
  };
  const parts = [
    from(built, 'vmlinuz'),
    from(ram, 'initramfs.img'),
    { path: 'cmdline', source: cmdline, step: 'install', sha256: hashFile(cmdline) },
    ...(known ? [from(built, 'config', 'kernel.config')] : []),
    ...squashFiles(needs).map(({ name, artifact }) => from(artifact, name, `layers/${name}`)),
  ];
  return parts.map((part) => ({ ...part, bytes: statSync(part.source).size }));
}

function writeTexts(
  made: string,
  id: string,
  parts: Part[],
  epoch: number,
  context: BuildRun,
): ReleaseFile[] {
  const { config, needs, shown } = context;
  const meta = (name: string): Meta => needs[name]?.meta ?? {};
  const removed = new Set(squashFiles(needs).flatMap(({ artifact }) => removedIn(artifact)));
  const all = (meta('pacstrap').packages ?? []) as Manifest['packages'];
  const manifest: Manifest = {
    name: config.name,
    release: id,
    created: new Date(epoch * 1000).toISOString(),
    artifacts: parts.map(({ source: _, ...file }) => file),
    packages: all.filter(({ name }) => !removed.has(name)),
    kernel: { version: String(meta('kernel').version) },
    cmdline: cmdlineOf(config),
    config: shown,
  };
  mkdirSync(made, { recursive: true });
  const file = join(made, 'manifest.json');
  writeFileSync(file, manifestText(manifest));
  return [{ path: 'manifest.json', sha256: hashFile(file), bytes: statSync(file).size, step: 'install' }];
}

async function diskImage(made: string, id: string, epoch: number, context: BuildRun): Promise<void> {
  const { config, tmp, run, log } = context;
  const staged = join(tmp, 'disk');
  const inside = join(staged, 'dock0', id);
  log('writing the disk image');
  for (const path of ['vmlinuz', 'initramfs.img', 'cmdline', 'manifest.json', 'SHA256SUMS'])
    linkOrCopy(join(made, path), join(inside, path));
  for (const { name } of squashFiles(context.needs))
    linkOrCopy(join(made, 'layers', name), join(inside, 'layers', name));
  symlinkSync(id, join(staged, 'dock0/current'));
  mkdirSync(join(staged, 'boot/grub'), { recursive: true });
  writeFileSync(join(staged, 'boot/grub/grub.cfg'), grubConfig(config));
  const { label, size } = config.install;
  const bytes = size === 'auto' ? undefined : parseSize(size);
  await writeDiskImage(
    { file: join(made, 'disk.img'), from: staged, label, size: bytes, id, epoch, tmp },
    run,
  );
}

/** For boot loaders that read the disk's own menu, as GRUB does (grub.cfg of the GRUB manual, "Simple configuration"). */
function grubConfig(config: Config): string {
  return `set timeout=1
menuentry "${config.name}" {
  search --no-floppy --label ${config.install.label} --set root
  linux /dock0/current/vmlinuz ${cmdlineOf(config)}
  initrd /dock0/current/initramfs.img
}
`;
}

function setTimes(folder: string, names: string[], epoch: number): void {
  for (const name of names) utimesSync(join(folder, name), epoch, epoch);
}

async function replaceFolder(made: string, folder: string): Promise<void> {
  mkdirSync(dirname(folder), { recursive: true });
  const old = `${made}.old`;
  if (existsSync(folder)) await rename(folder, old);
  await rename(made, folder);
  await rm(old, { recursive: true, force: true });
}

/** The release that a build last installed, by its artifact. */
export function releaseFolder({ meta }: Artifact, { output }: BuildContext): string {
  return join(output, 'releases', String(meta.release));
}

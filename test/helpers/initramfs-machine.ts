import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { Configured } from '../../lib/build';
import { viewOf } from '../../lib/config/shown';
import { createEngine } from '../../lib/engine/engine';
import type { Artifact } from '../../lib/engine/step';
import { run } from '../../lib/system/process';
import type { VmCard } from '../../lib/vm/cards';
import { staticBusybox } from '../../lib/vm/initrd';
import { type ByNetwork, type Direct, startVm, type VmDisk } from '../../lib/vm/qemu';
import { initramfs } from '../../tasks/initramfs';
import { kernel } from '../../tasks/kernel';
import { loadConfig } from './config';
import { SHARED_CACHE } from './gulp';

/** What the initramfs and the kernel of a configuration came out as, with what the steps said. */
export interface Made {
  kernel: Artifact;
  initramfs: Artifact;
  said: string[];
}

/** Makes the initramfs of a configuration as `gulp initramfs` does. */
export async function makeInitramfs(folder: string, settings: object): Promise<Made> {
  const file = join(folder, 'dock0.yaml');
  const plain = {
    name: 'tiny',
    packages: [],
    docker: { enabled: false },
    volumes: { docker: null },
    ...settings,
  };
  writeFileSync(file, JSON.stringify(plain));
  const { base } = loadConfig({ files: [file], cwd: folder });
  const said: string[] = [];
  const engine = createEngine<Configured>({
    cache: SHARED_CACHE,
    emit: (event) => {
      if (event.type === 'log') said.push(event.line);
    },
  });
  const context = {
    name: base.name,
    config: base,
    base,
    own: {},
    host: undefined,
    shown: {},
    placeOf: (keys: readonly string[]) => keys.join('.'),
    basePlaceOf: (keys: readonly string[]) => keys.join('.'),
    mask: (text: string) => text,
    warn: () => undefined,
    view: viewOf({}, [], folder, () => Buffer.alloc(32)),
    output: join(folder, 'build'),
  };
  const build = engine.build(context);
  try {
    return { kernel: await build.make(kernel), initramfs: await build.make(initramfs), said };
  } finally {
    await engine.settled();
  }
}

/** A file of a layer: its text, an executable's text, a link, or a whiteout. */
export type LayerFile = string | { run: string } | { link: string } | 'whiteout';

// What the tiny roots start as init: says what it sees on the console and turns the machine off.
const TINY_INIT = `#!/bin/busybox sh
bb=/bin/busybox
say() { echo "fact: $*"; }
say init "$0 $*" pid $$
say env "$($bb env | $bb sort | $bb tr '\\n' ' ')"
for file in /etc/lower /etc/both /etc/upper /etc/removed /etc/kept /data*/kept; do
  [ -e $file ] && say file "$file $($bb cat $file)"
done
while read -r source folder type options rest; do say mount "$folder $type $options"; done < /proc/mounts
for layer in /run/dock0/layers/*; do
  (: > "$layer/new") 2>/dev/null && say wrote "$layer"
done
echo again > /etc/kept && say wrote root
for folder in /data*; do
  [ -d $folder ] && echo again > $folder/kept && say wrote $($bb basename $folder)
done
for file in /run/said/*; do [ -e "$file" ] && say hook "$($bb cat "$file")"; done
$bb sync
$bb poweroff -f
`;

/** A release of tiny layers on an ext4 disk image, as the install step lays it out. */
export async function tinyDisk(
  folder: string,
  label: string,
  layers: Record<string, Record<string, LayerFile>>,
  id = 'r1',
): Promise<VmDisk> {
  const disk = join(folder, 'disk');
  const release = join(disk, 'dock0', id);
  mkdirSync(release, { recursive: true });
  symlinkSync(id, join(disk, 'dock0/current'));
  await writeLayers(join(release, 'layers'), layers);
  const file = join(folder, `${label}-${id}.img`);
  await emptyDisk(file, label, disk);
  rmSync(disk, { recursive: true });
  return { file, snapshot: true };
}

/** A release's folder without a disk image, as the target `directory` leaves it. */
export async function tinyRelease(
  folder: string,
  made: Made,
  cmdline: string,
  layers: Record<string, Record<string, LayerFile>>,
): Promise<string> {
  const release = join(folder, 'releases/r1');
  await writeLayers(join(release, 'layers'), layers);
  copyFileSync(join(made.kernel.path, 'vmlinuz'), join(release, 'vmlinuz'));
  copyFileSync(join(made.initramfs.path, 'initramfs.img'), join(release, 'initramfs.img'));
  writeFileSync(join(release, 'cmdline'), `${cmdline}\n`);
  return release;
}

export async function writeLayers(
  folder: string,
  layers: Record<string, Record<string, LayerFile>>,
): Promise<void> {
  const tree = `${folder}.tree`;
  mkdirSync(folder, { recursive: true });
  for (const [name, files] of Object.entries(layers)) {
    mkdirSync(tree, { mode: 0o755 });
    for (const [path, content] of Object.entries(files)) await writeLayerFile(join(tree, path), content);
    await run('mksquashfs', [
      tree,
      join(folder, `${name}.squashfs`),
      '-noappend',
      '-quiet',
      '-no-progress',
      '-all-root',
    ]);
    rmSync(tree, { recursive: true });
  }
}

/** Formats a disk image; `from` is what it holds. */
export async function emptyDisk(file: string, label: string, from?: string): Promise<VmDisk> {
  writeFileSync(file, '');
  truncateSync(file, 32 << 20);
  await run('mke2fs', [
    '-q',
    '-F',
    '-t',
    'ext4',
    '-L',
    label,
    ...(from === undefined ? [] : ['-d', from]),
    file,
  ]);
  return { file, snapshot: false };
}

/** The layer every tiny root starts with: busybox and the init that speaks. */
export function tinyBase(): Record<string, LayerFile> {
  return {
    'bin/busybox': 'busybox',
    'sbin/init': { run: TINY_INIT },
    'etc/lower': 'of the lowest layer',
    'etc/both': 'of the lowest layer',
    'etc/removed': 'x',
  };
}

/** How long a boot may take, also where many machines run at once. */
const LONGEST_MS = 600_000;

export interface Booted {
  console: string[];
  /** What the tiny init said of a kind: `facts('mount')`. */
  facts: (kind: string) => string[];
}

/** Boots until the machine is off, or its power is cut. */
export async function bootTiny(
  folder: string,
  made: Made,
  cmdline: string,
  disks: VmDisk[],
  /** Milliseconds until the power is cut. */
  power?: number,
): Promise<Booted> {
  const start = {
    kernel: join(made.kernel.path, 'vmlinuz'),
    initrd: join(made.initramfs.path, 'initramfs.img'),
    cmdline: `quiet no_timer_check console=ttyS0 panic=-1 ${cmdline}`,
  };
  return bootMachine(folder, start, { disks }, power);
}

/** Boots a machine as `bootTiny` does, however it starts, and whatever it has. */
export async function bootMachine(
  folder: string,
  start: Direct | ByNetwork,
  has: { disks: VmDisk[]; cards?: readonly VmCard[] },
  power?: number,
): Promise<Booted> {
  const console: string[] = [];
  const vm = await startVm({
    ...start,
    memory: '512M',
    cpus: 2,
    ...has,
    onReboot: 'end',
    onConsole: (line) => console.push(line),
    signal: AbortSignal.timeout(LONGEST_MS),
    tmp: folder,
  });
  const cut = power === undefined ? undefined : setTimeout(vm.kill, power);
  try {
    await vm.ended;
  } catch (error) {
    throw new Error(`the machine did not turn itself off:\n${console.join('\n')}`, { cause: error });
  } finally {
    clearTimeout(cut);
  }
  const facts = (kind: string): string[] =>
    console
      .filter((line) => line.startsWith(`fact: ${kind} `))
      .map((line) => line.slice(`fact: ${kind} `.length));
  return { console, facts };
}

async function writeLayerFile(path: string, content: LayerFile): Promise<void> {
  mkdirSync(dirname(path), { recursive: true });
  if (content === 'whiteout') await run('mknod', [path, 'c', '0', '0']);
  else if (content === 'busybox') writeFileSync(path, readFileSync(staticBusybox()));
  else if (typeof content === 'string') writeFileSync(path, `${content}\n`);
  else if ('link' in content) symlinkSync(content.link, path);
  else writeFileSync(path, content.run);
  const executable = content === 'busybox' || (typeof content === 'object' && 'run' in content);
  if (executable && existsSync(path)) chmodSync(path, 0o755);
}

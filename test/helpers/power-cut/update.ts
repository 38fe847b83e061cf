import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { machineProgram } from '../../../lib/config/paths';
import { onDisk } from '../../../lib/install/onto';
import { startVm } from '../../../lib/vm/qemu';
import type { Firmware } from '../../../lib/vm/qemu-firmware';
import { bootableDisk, bootFrom, writeRelease } from '../bootable-disk';
import { emptyDisk, type LayerFile, type Made, makeInitramfs, tinyBase } from '../initramfs-machine';

export type LoaderName = 'grub' | 'systemd-boot';

/** The release that a machine runs when it is updated, and the one it gets. */
export const OLD = 'aa';
// With a digit in front, as most have it.
export const NEW = '9b';
/** Those before; the update removes the first of them. */
const EARLIER = ['a0', 'a1'];

/** What a machine wrote while it was updated. */
export interface Recorded {
  loader: LoaderName;
  /** The disk as it was before. */
  before: string;
  log: string;
  /** What the machine said of itself. */
  facts: string[];
  /** The folders of both releases. */
  releases: Record<string, string>;
}

const LONGEST_MS = 400_000;

// With another disk beside its own the machine adds the release that is on it, and reboots; the one that is tried then is
// confirmed. No sync but those of the program.
const INIT = `#!/bin/busybox sh
/bin/busybox --install -s /bin
release=$(readlink /run/dock0/release)
release=\${release##*/}
disk=$(readlink -f /run/dock0/disk)
releases() { command="$1"; shift; sh /usr/lib/dock0/releases "$command" "$disk" "$@" 2>&1 | sed 's/^/fact: /'; }
echo "fact: booted $release"
if [ -b /dev/vdb ]; then
  mount -o remount,rw "$disk"
  if [ -e /run/dock0/trial ]; then
    releases confirm "$release"
  else
    mkdir -p /new
    mount -t ext4 -o ro /dev/vdb /new
    releases add /new 2 1
  fi
  mount -o remount,ro "$disk"
  releases list
  [ -e /run/dock0/trial ] || reboot -f -n
fi
poweroff -f -n
`;

const program = (name: string): LayerFile => ({ run: readFileSync(machineProgram(name), 'utf8') });

function layersOf(id: string): Record<string, Record<string, LayerFile>> {
  const root: Record<string, LayerFile> = {
    ...tinyBase(),
    'sbin/init': { run: INIT },
    // Programs that not every busybox has.
    'bin/flock': { run: '#!/bin/busybox sh\n' },
    'bin/mountpoint': { run: '#!/bin/busybox sh\ngrep -q " $(readlink -f "$2") " /proc/mounts\n' },
    'usr/lib/dock0/releases': program('releases'),
    'usr/lib/dock0/loaders/grub': program('loaders/grub'),
    'usr/lib/dock0/loaders/systemd-boot': program('loaders/systemd-boot'),
  };
  return { '10-root': root, '20-own': { 'etc/own': `of ${id}` } };
}

/** The same with another content of kernel and initramfs: what follows their end does not count. */
function another(made: Made, folder: string): Made {
  mkdirSync(folder, { recursive: true });
  for (const [from, name] of [
    [made.kernel.path, 'vmlinuz'],
    [made.initramfs.path, 'initramfs.img'],
  ] as const) {
    const content = readFileSync(join(from, name));
    writeFileSync(join(folder, name), Buffer.concat([content, Buffer.alloc(4096)]));
  }
  return {
    ...made,
    kernel: { ...made.kernel, path: folder },
    initramfs: { ...made.initramfs, path: folder },
  };
}

/** The firmware by which a disk with a boot loader starts soonest. */
export const firmwareOf = (loader: LoaderName): Firmware => (loader === 'grub' ? 'bios' : 'uefi');

/**
 * Updates a machine that has three releases, and records what it writes: the new one is added, the boot loader counts its
 * try, and the machine confirms it.
 *
 * @param folder an empty folder
 */
export async function recordUpdate(loader: LoaderName, folder: string): Promise<Recorded> {
  mkdirSync(folder, { recursive: true });
  const modules = ['vfat', 'nls_cp437', 'nls_ascii', 'auto'];
  const made = await makeInitramfs(folder, { install: { loader }, initramfs: { modules } });
  const other = another(made, join(folder, 'another'));
  const releases: Record<string, string> = {};
  for (const id of [...EARLIER, OLD, NEW])
    releases[id] = await writeRelease(join(folder, id), id === NEW ? other : made, layersOf(id), id);
  const [first = '', ...rest] = [...EARLIER, OLD];
  const size = (loader === 'grub' ? 112 : 160) * 2 ** 20;
  const file = await bootableDisk(folder, releases[first] ?? '', first, [], size, loader);
  const at = { cache: folder, signal: new AbortController().signal, log: () => undefined };
  // At its first boot it divides the disk.
  await bootFrom(firmwareOf(loader), { file, snapshot: false }, folder);
  for (const id of rest) {
    await onDisk(file, ['add', releases[id] ?? '', '3', '0', loader], at);
    // The machine's busybox knows whole seconds of which release is the newest.
    await pause(1100);
  }

  const before = join(folder, 'before.img');
  const log = join(folder, 'writes.log');
  copyFileSync(file, before);
  writeFileSync(log, '');
  const brings = await emptyDisk(join(folder, 'new.img'), 'new', releases[NEW]);
  const facts: string[] = [];
  const vm = await startVm({
    firmware: firmwareOf(loader),
    memory: '512M',
    cpus: 2,
    disks: [{ file, snapshot: false, log }, brings],
    onReboot: 'reboot',
    onConsole: (line) => {
      if (line.startsWith('fact: ')) facts.push(line.slice(6));
    },
    signal: AbortSignal.timeout(LONGEST_MS),
    tmp: folder,
  });
  await vm.ended;
  return { loader, before, log, facts, releases };
}

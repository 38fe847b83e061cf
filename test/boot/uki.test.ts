import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { machineProgram } from '../../lib/config/paths';
import { onDisk } from '../../lib/install/onto';
import { bootableDisk, bootFrom, writeRelease } from '../helpers/bootable-disk';
import { type LayerFile, type Made, makeInitramfs, tinyBase } from '../helpers/initramfs-machine';

/** Confirms the release as `confirm` does on a machine, and turns it off. */
const CONFIRMING = `#!/bin/busybox sh
/bin/busybox --install -s /bin
[ -e /run/dock0/trial ] && echo "fact: tried"
release=$(readlink /run/dock0/release)
echo "fact: release \${release##*/}"
disk=$(readlink -f /run/dock0/disk)
mount -o remount,rw "$disk"
sh /usr/lib/dock0/releases confirm "$disk" "\${release##*/}" | sed 's/^/fact: /'
sh /usr/lib/dock0/releases list "$disk" | sed 's/^/fact: /'
mount -o remount,ro "$disk"
mountpoint -q /run/dock0/esp && echo "fact: the ESP is mounted"
sync
poweroff -f
`;

const program = (name: string): { run: string } => ({ run: readFileSync(machineProgram(name), 'utf8') });

describe('a disk image with unified kernel images', () => {
  let folder: string;
  let made: Made;
  let file: string;
  const root: Record<string, LayerFile> = {
    ...tinyBase(),
    'sbin/init': { run: CONFIRMING },
    // Programs that not every busybox has.
    'bin/flock': { run: '#!/bin/busybox sh\n' },
    'bin/mountpoint': { run: '#!/bin/busybox sh\ngrep -q " $(readlink -f "$2") " /proc/mounts\n' },
    'usr/lib/dock0/releases': program('releases'),
    'usr/lib/dock0/loaders/systemd-boot': program('loaders/systemd-boot'),
  };
  const boot = async (): Promise<{ facts: string[]; said: string }> => {
    const console = await bootFrom('uefi', { file, snapshot: false }, folder);
    const facts = console.filter((line) => line.startsWith('fact: ')).map((line) => line.slice(6));
    return { facts, said: console.join('\n') };
  };
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'dock0-uki-'));
    // Those before auto are loaded first of all.
    const modules = ['vfat', 'nls_cp437', 'nls_ascii', 'auto'];
    made = await makeInitramfs(folder, {
      install: { loader: 'systemd-boot', uki: true },
      initramfs: { modules },
    });
    const release = await writeRelease(join(folder, 'aa'), made, { '10-root': root }, 'aa', '', {});
    file = await bootableDisk(folder, release, 'aa', [], 400 * 2 ** 20, 'systemd-boot');
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('boots by itself, by UEFI', async () => {
    const { facts, said } = await boot();
    expect(facts, said).to.deep.equal(['release aa', 'aa current running']);
  });

  it('tries a new release, and boots it from then on once the machine confirms it', async () => {
    const release = await writeRelease(join(folder, 'bb'), made, { '10-root': root }, 'bb', '', {});
    const at = { cache: folder, signal: new AbortController().signal, log: () => undefined };
    await onDisk(file, ['add', release, '3', '1', 'systemd-boot'], at);
    const { facts, said } = await boot();
    expect(facts.slice(0, 3), said).to.deep.equal(['tried', 'release bb', 'release bb boots from now on']);
    expect(facts.slice(3).sort(), said).to.deep.equal(['aa previous', 'bb current running']);
    const next = await boot();
    expect(next.facts, next.said).to.include('release bb').and.not.include('tried');
  });
});

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
mount -o remount,rw /run/dock0/disk
sh /usr/lib/dock0/releases confirm /run/dock0/disk "\${release##*/}" | sed 's/^/fact: /'
sh /usr/lib/dock0/releases list /run/dock0/disk | sed 's/^/fact: /'
mount -o remount,ro /run/dock0/disk
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
    'usr/lib/dock0/releases': program('releases'),
    'usr/lib/dock0/loaders/systemd-boot': program('loaders/systemd-boot'),
  };
  const boot = async (): Promise<string[]> => {
    const console = await bootFrom('uefi', { file, snapshot: false }, folder);
    const facts = console.filter((line) => line.startsWith('fact: ')).map((line) => line.slice(6));
    expect(facts, console.join('\n')).to.not.deep.equal([]);
    return facts;
  };
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'dock0-uki-'));
    const modules = ['auto', 'vfat', 'nls_cp437', 'nls_ascii'];
    made = await makeInitramfs(folder, {
      install: { loader: 'systemd-boot', uki: true },
      initramfs: { modules },
    });
    const release = await writeRelease(join(folder, 'aa'), made, { '10-root': root }, 'aa', '', {});
    file = await bootableDisk(folder, release, 'aa', [], 400 * 2 ** 20, 'systemd-boot');
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('boots by itself, by UEFI', async () => {
    expect(await boot()).to.deep.equal(['release aa', 'aa current running']);
  });

  it('tries a new release, and boots it from then on once the machine confirms it', async () => {
    const release = await writeRelease(join(folder, 'bb'), made, { '10-root': root }, 'bb', '', {});
    const at = { cache: folder, signal: new AbortController().signal, log: () => undefined };
    await onDisk(file, ['add', release, '3', '1', 'systemd-boot'], at);
    const facts = await boot();
    expect(facts.slice(0, 3)).to.deep.equal(['tried', 'release bb', 'release bb boots from now on']);
    expect(facts.slice(3).sort()).to.deep.equal(['aa previous', 'bb current running']);
    expect(await boot())
      .to.include('release bb')
      .and.not.include('tried');
  });
});

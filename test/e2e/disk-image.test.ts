import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { onDisk } from '../../lib/install/onto';
import type { VmDisk } from '../../lib/vm/qemu';
import type { Firmware } from '../../lib/vm/qemu-firmware';
import { bootableDisk, bootFrom, writeRelease } from '../helpers/bootable-disk';
import { type LayerFile, type Made, makeInitramfs, tinyBase } from '../helpers/initramfs-machine';

const NVME = { name: 'nvme,serial=1' };
const SCSI = { name: 'scsi-hd,bus=scsi.0', on: ['virtio-scsi-pci,id=scsi'] };

describe('a disk image', () => {
  let folder: string;
  let made: Made;
  let file: string;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'dock0-disk-'));
    made = await makeInitramfs(folder, {});
    const release = await writeRelease(join(folder, 'aa'), made, { '10-root': tinyBase() }, 'aa');
    file = await bootableDisk(folder, release, 'aa', [], 256 * 2 ** 20);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));
  const spoken = (lines: readonly string[]): string[] => lines.filter((line) => line.startsWith('fact: '));

  for (const [firmware, name, device] of [
    ['bios', 'a virtio disk', undefined],
    ['bios', 'a SCSI disk', SCSI],
    ['uefi', 'a virtio disk', undefined],
    ['uefi', 'an NVMe disk', NVME],
  ] as readonly [Firmware, string, VmDisk['device']][])
    it(`boots by itself from ${name}, by ${firmware.toUpperCase()}`, async () => {
      const console = await bootFrom(firmware, { file, snapshot: true, ...(device && { device }) }, folder);
      expect(spoken(console)[0], console.join('\n')).to.match(/^fact: init /);
      expect(spoken(console)).to.include('fact: file /etc/lower of the lowest layer');
    });

  const failing: Record<string, LayerFile> = {
    'a kernel that panics': { run: '#!/bin/busybox sh\nexit 1\n' },
    'an init that hangs': { run: '#!/bin/busybox sh\nexec /bin/busybox sleep 100000\n' },
  };
  for (const [what, init] of Object.entries(failing))
    it(`goes back by itself from ${what}, after as many tries as it gets`, async () => {
      const disk = join(folder, `${what}.img`);
      copyFileSync(file, disk);
      const bad = { '10-root': { ...tinyBase(), 'sbin/init': init } };
      const release = await writeRelease(
        join(folder, `9b of ${what}`),
        made,
        bad,
        '9b',
        'dock0.trial_timeout=5',
      );
      const at = { cache: folder, signal: new AbortController().signal, log: () => undefined };
      await onDisk(disk, ['add', release, '3', '2'], at);
      const console = await bootFrom('bios', { file: disk, snapshot: false }, folder, {
        onReboot: 'reboot',
      });
      // On a slow machine a try may be over before it has a root.
      const booted = console.flatMap((line) => {
        if (line.includes('trying this release')) return ['9b'];
        return line.includes('release aa, 1 layers') ? ['aa'] : [];
      });
      expect(booted, console.join('\n')).to.deep.equal(['9b', '9b', 'aa']);
      expect(spoken(console)).to.include('fact: file /etc/lower of the lowest layer');
    });
});

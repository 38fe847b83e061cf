import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { VmDisk } from '../../lib/vm/qemu';
import { bootTiny, type Made, makeInitramfs, tinyBase, tinyDisk } from '../helpers/initramfs-machine';

/** What a disk is plugged into in QEMU, and the driver that the kernel needs for it. */
const BUSES: Record<string, NonNullable<VmDisk['device']>> = {
  'virtio SCSI': { name: 'scsi-hd,bus=c.0', on: ['virtio-scsi-pci,id=c'] },
  NVMe: { name: 'nvme,serial=tiny' },
  'SATA (ahci)': { name: 'ide-hd,bus=c.0', on: ['ahci,id=c'] },
  'IDE (ata_piix)': { name: 'ide-hd,bus=ide.0' },
  'USB 3 (usb-storage)': { name: 'usb-storage,bus=c.0', on: ['qemu-xhci,id=c'] },
  'USB 3 (uas)': { name: 'scsi-hd,bus=u.0', on: ['qemu-xhci,id=c', 'usb-uas,id=u,bus=c.0'] },
  'USB 2 (ehci)': { name: 'usb-storage,bus=c.0', on: ['usb-ehci,id=c'] },
  'SD (sdhci-pci)': { name: 'sd-card', on: ['sdhci-pci'] },
  'VMware (pvscsi)': { name: 'scsi-hd,bus=c.0', on: ['pvscsi,id=c'] },
  'MegaRAID (megaraid_sas)': { name: 'scsi-hd,bus=c.0', on: ['megasas-gen2,id=c'] },
};

describe("the initramfs of the distribution's kernel for all hardware", () => {
  let folder: string;
  let made: Made;
  let disk: VmDisk;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'dock0-buses-'));
    made = await makeInitramfs(folder, { kernel: { package: 'linux-image-amd64' } });
    disk = await tinyDisk(folder, 'tiny', { '10-root': tinyBase() });
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('is smaller than 4 MiB', () => {
    expect(statSync(join(made.initramfs.path, 'initramfs.img')).size).to.be.lessThan(4 * 2 ** 20);
  });

  for (const [name, device] of Object.entries(BUSES)) {
    it(`finds the root on ${name}`, async () => {
      const { console, facts } = await bootTiny(folder, made, 'dock0.root=LABEL=tiny', [{ ...disk, device }]);
      expect(facts('init'), console.join('\n')).to.have.length(1);
    });
  }

  it('names a driver of an old controller that is left out', async () => {
    const device = { name: 'scsi-hd,bus=c.0', on: ['lsi53c895a,id=c'] };
    const words = 'dock0.root=LABEL=tiny dock0.timeout=1 dock0.panic=reboot';
    const { console } = await bootTiny(folder, made, words, [{ ...disk, device }]);
    expect(console.join('\n')).to.contain('[auto, sym53c8xx] adds it');
  });
});

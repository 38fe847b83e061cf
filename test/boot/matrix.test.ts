import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { type Signer, signer } from '../../lib/install/signing';
import { run } from '../../lib/system/process';
import type { VmDisk } from '../../lib/vm/qemu';
import { bootableDisk, bootFrom, writeRelease } from '../helpers/bootable-disk';
import { bootTiny, type Made, makeInitramfs, tinyBase, tinyDisk } from '../helpers/initramfs-machine';
import { secureVariables, signingKeys } from '../helpers/secure-boot';

const DISKS: Record<string, VmDisk['device']> = {
  virtio: undefined,
  NVMe: { name: 'nvme,serial=1' },
  AHCI: { name: 'ide-hd,bus=c.0', on: ['ahci,id=c'] },
  USB: { name: 'usb-storage,bus=c.0', on: ['qemu-xhci,id=c'] },
  SCSI: { name: 'scsi-hd,bus=scsi.0', on: ['virtio-scsi-pci,id=scsi'] },
};
const FACT = 'fact: file /etc/lower of the lowest layer';
const MEBIBYTE = 2 ** 20;

/** Every way to start a machine, on every kind of disk: the same tiny release, with the kernel for all hardware. */
describe('a release that is booted in every way from every kind of disk', () => {
  let folder: string;
  let made: Made;
  let sign: Signer;
  let variables: string;
  const took: Record<string, string[]> = {};
  const files: Record<string, string> = {};
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'dock0-matrix-'));
    made = await makeInitramfs(folder, {
      kernel: { package: 'linux-image-amd64' },
      install: { loader: 'systemd-boot' },
    });
    const keys = await signingKeys(folder, 'own');
    variables = await secureVariables(folder, keys);
    sign = signer(keys, 1_700_000_000, { tmp: folder, run });
    const layers = { '10-root': tinyBase() };
    const disk = async (name: string, loader: 'grub' | 'systemd-boot', uki?: { sign?: Signer }) => {
      const own = join(folder, name);
      mkdirSync(own);
      const release = await writeRelease(join(own, 'aa'), made, layers, 'aa', '', uki);
      files[name] = await bootableDisk(own, release, 'aa', [], 400 * MEBIBYTE, loader, uki?.sign);
    };
    await disk('grub', 'grub');
    await disk('systemd-boot', 'systemd-boot');
    await disk('uki', 'systemd-boot', {});
    await disk('signed', 'systemd-boot', { sign });
  });
  after(() => {
    rmSync(folder, { recursive: true, force: true });
    for (const [way, times] of Object.entries(took)) console.log(`      ${way}: ${times.join(', ')}`);
  });

  const timed = async (way: string, disk: string, boot: () => Promise<string[]>): Promise<void> => {
    const started = performance.now();
    const console = await boot();
    expect(console, console.join('\n')).to.include(FACT);
    took[way] = [...(took[way] ?? []), `${disk} ${((performance.now() - started) / 1000).toFixed(1)} s`];
  };

  for (const [name, device] of Object.entries(DISKS)) {
    it(`direct kernel, ${name}`, async () => {
      const disk = await tinyDisk(folder, 'tiny', { '10-root': tinyBase() });
      await timed('direct kernel', name, async () => {
        const words = 'dock0.root=LABEL=tiny';
        return (await bootTiny(folder, made, words, [{ ...disk, ...(device && { device }) }])).console;
      });
    });

    for (const [way, firmware, file, secure] of [
      ['BIOS, GRUB', 'bios', 'grub', false],
      ['UEFI, GRUB', 'uefi', 'grub', false],
      ['UEFI, systemd-boot', 'uefi', 'systemd-boot', false],
      ['UEFI, unified kernel image', 'uefi', 'uki', false],
      ['UEFI with Secure Boot, unified kernel image', 'uefi', 'signed', true],
    ] as const)
      it(`${way}, ${name}`, () =>
        timed(way, name, () =>
          bootFrom(
            firmware,
            { file: files[file] as string, snapshot: true, ...(device && { device }) },
            folder,
            secure ? { variables } : {},
          ),
        ));
  }
});

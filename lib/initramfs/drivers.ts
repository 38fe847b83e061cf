import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ModuleTree, moduleName } from './modules';

/**
 * Drivers of the disks that a release may be on, in the order they are tried; `initramfs.modules: auto` takes those that
 * the kernel has as modules. Of RAID controllers those that servers are sold with today, half a megabyte with
 * the kernel that has them; the boot message names the others where a machine needs one.
 */
export const AUTO_MODULES: readonly string[] = [
  'virtio_pci',
  'virtio_mmio',
  'virtio_blk',
  'virtio_scsi',
  'sd_mod',
  'nvme',
  // NVMe disks behind Intel's volume management, and those of Azure's virtual machines
  'vmd',
  'pci-hyperv',
  'hv_storvsc',
  'xen-blkfront',
  'ahci',
  'ata_piix',
  'ata_generic',
  // VMware's paravirtual disks, and the LSI Logic controllers that it imitates
  'vmw_pvscsi',
  'mptspi',
  'mptsas',
  'megaraid_sas',
  'mpt3sas',
  'smartpqi',
  'mmc_block',
  'sdhci_pci',
  'sdhci_acpi',
  'uas',
  'usb_storage',
  'xhci_pci',
  'ehci_pci',
];

/** Folders of a kernel's modules with drivers that a disk may need. */
const DISKS =
  /^kernel\/drivers\/(ata|block|nvme|scsi|message|mmc\/host|memstick|ufs|virtio|xen|hv|pci\/controller|misc\/cardreader|usb\/(host|storage))\//;
/** Buses whose devices say what drives them. */
const BUSES = /^(pci|usb|virtio|vmbus|xen|acpi):/;

/**
 * The drivers of disks that an initramfs leaves out, so that it can name them where a machine has such a device: one
 * alias a line, PATTERN MODULE, as modules.alias(5) has it.
 *
 * @param files the modules that it has, relative to the tree's folder
 */
export function absentDrivers(tree: ModuleTree, files: readonly string[]): string {
  const there = new Set(files.map(moduleName));
  const lines = readFileSync(join(tree.folder, 'modules.alias'), 'utf8').split('\n');
  const absent = lines.flatMap((line) => {
    const [word, alias = '', name = ''] = line.split(' ');
    const file = tree.files.get(moduleName(name)) ?? '';
    const wanted = word === 'alias' && BUSES.test(alias) && DISKS.test(file) && !there.has(moduleName(name));
    return wanted ? [`${alias} ${name}\n`] : [];
  });
  return absent.sort().join('');
}

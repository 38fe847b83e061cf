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

/**
 * Drivers of network cards, for what boots over the network, in the order they are tried: those of hypervisors and clouds,
 * then those of servers and desktops that need no firmware.
 */
export const AUTO_CARDS: readonly string[] = [
  'virtio_pci',
  'virtio_mmio',
  'virtio_net',
  'pci-hyperv',
  'hv_netvsc',
  'xen-netfront',
  'vmxnet3',
  'ena',
  'gve',
  'e1000',
  'e1000e',
  'igb',
  'igc',
  'ixgbe',
  'i40e',
  'ice',
  'r8169',
  '8139cp',
  'tg3',
  'bnxt_en',
  'be2net',
  'mlx4_en',
  'mlx5_core',
  'atlantic',
];

/** Folders of a kernel's modules with drivers that a disk may need. */
const DISKS =
  /^kernel\/drivers\/(ata|block|nvme|scsi|message|mmc\/host|memstick|ufs|virtio|xen|hv|pci\/controller|misc\/cardreader|usb\/(host|storage))\//;
/** The same for a network card. */
const CARDS = /^kernel\/drivers\/net\/(ethernet\/|(virtio_net|xen-netfront)\.ko|vmxnet3\/|hyperv\/)/;
/** Buses whose devices say what drives them. */
const BUSES = /^(pci|usb|virtio|vmbus|xen|acpi):/;

/**
 * The drivers of disks that an initramfs leaves out, so that it can name them where a machine has such a device: one
 * alias a line, PATTERN MODULE, as modules.alias(5) has it.
 *
 * @param files the modules that it has, relative to the tree's folder
 * @param network whether the root comes over the network: then those of network cards too
 */
export function absentDrivers(tree: ModuleTree, files: readonly string[], network = false): string {
  const there = new Set(files.map(moduleName));
  const lines = readFileSync(join(tree.folder, 'modules.alias'), 'utf8').split('\n');
  const absent = lines.flatMap((line) => {
    const [word, alias = '', name = ''] = line.split(' ');
    const file = tree.files.get(moduleName(name)) ?? '';
    const needed = DISKS.test(file) || (network && CARDS.test(file));
    const wanted = word === 'alias' && BUSES.test(alias) && needed && !there.has(moduleName(name));
    return wanted ? [`${alias} ${name}\n`] : [];
  });
  return absent.sort().join('');
}

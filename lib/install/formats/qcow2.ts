import type { Format } from './format';

/** The format of QEMU (docs/interop/qcow2.txt), which OpenStack, Proxmox and libvirt take. */
export const qcow2: Format = {
  tools: [{ name: 'qemu-img', versioned: true }],
  write: async ({ from, to }, run) => {
    await run('qemu-img', ['convert', '-f', 'raw', '-O', 'qcow2', from, to]);
  },
};

import { writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { CommandError, run } from '../system/process';

/** How QEMU runs the guest: on the processor (KVM), or in emulation (TCG). */
export type Accelerator = 'kvm' | 'tcg';

// A BIOS of 64 KiB that goes from reset to 64-bit mode with paging and then writes 1 to port 0xf4, which ends QEMU
// with exit code 3 (isa-debug-exit: (value << 1) | 1). Its assembly, at 0xffff0000:
//   cli; ds = cs; lgdt; cr0.pe = 1; jump to 32 bits; clear 0x1000..0xb000; map the first 2 MiB and the last of 4 GiB;
//   cr3 = 0x1000; cr4.pae = 1; efer.lme = 1; cr0.pg = 1; jump to 64 bits; out 0xf4, 1; hlt; and the GDT.
const PROBE_SIZE = 65536;
const PROBE_START =
  'fa8cc88ed8660f0116c0000f20c00c010f22c066ea1b00ffff080066b810008ed88ec0bf0010000031c0b900280000f3' +
  'abc7050010000003200000c7050020000003300000c7051820000003400000c7050030000083000000c705f84f000083' +
  '00e0ffb8001000000f22d80f20e083c8200f22e0b9800000c00f320d000100000f300f20c00d000000800f22c0ea9400' +
  'ffff1800b001e6f4f4ebfd8db40000900000000000000000ffff0000009acf00ffff00000092cf00ffff0000009aaf00' +
  '1f00a000ffff';
// At 0xfff0, where a processor starts: jump to the beginning.
const PROBE_RESET = 'e90d';
const PROBE_RAN = 3;
const PROBE_PATIENCE_MS = 1500;

let known: Promise<Accelerator> | undefined;

/**
 * Finds out, once a run, whether KVM works. An existing /dev/kvm is not enough: inside some virtual machines it can be
 * opened and runs 16-bit code, but not what a kernel needs. So a few instructions are tried.
 *
 * @param tmp a folder for the probe's file
 */
export function accelerator(tmp: string, signal?: AbortSignal): Promise<Accelerator> {
  known ??= probe(tmp, signal);
  return known;
}

async function probe(tmp: string, signal: AbortSignal | undefined): Promise<Accelerator> {
  try {
    await (await open('/dev/kvm', 'r+')).close();
  } catch {
    return 'tcg';
  }
  const bios = join(tmp, 'kvm-probe.bin');
  const code = Buffer.alloc(PROBE_SIZE);
  code.write(PROBE_START, 0, 'hex');
  code.write(PROBE_RESET, 0xfff0, 'hex');
  writeFileSync(bios, code);
  const patience = AbortSignal.timeout(PROBE_PATIENCE_MS);
  const machine = [
    '-nodefaults',
    '-no-user-config',
    '-display',
    'none',
    '-m',
    '16M',
    '-accel',
    'kvm',
    '-cpu',
    'max',
  ];
  const flags = [...machine, '-bios', bios, '-device', 'isa-debug-exit,iobase=0xf4,iosize=4'];
  try {
    await run('qemu-system-x86_64', flags, {
      okCodes: [PROBE_RAN],
      signal: signal === undefined ? patience : AbortSignal.any([patience, signal]),
    });
    return 'kvm';
  } catch (error) {
    signal?.throwIfAborted();
    if (patience.aborted || error instanceof CommandError) return 'tcg';
    throw error;
  }
}

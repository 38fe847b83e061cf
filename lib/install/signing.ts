import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BuildRun } from '../build';
import type { Tool } from '../engine/step';

/** Signs a program for UEFI, so that firmware with Secure Boot starts it. */
export type Signer = (program: Buffer) => Promise<Buffer>;

/** The files of `install.secure_boot`. */
export interface Keys {
  key: string;
  certificate: string;
}

/** What programs are signed with. A signature holds the time: faketime(1) says which. */
export const SIGNING_TOOLS: readonly Tool[] = [
  { name: 'sbsign', versioned: true, packages: { debian: 'sbsigntool', arch: 'sbsigntools' } },
  { name: 'faketime', packages: { debian: 'faketime', arch: 'libfaketime' } },
];

/**
 * Signs with sbsign(1): the same program, key and time give the same bytes.
 *
 * @param epoch the time of the signature, in seconds since 1970
 */
export function signer(
  { key, certificate }: Keys,
  epoch: number,
  { tmp, run }: Pick<BuildRun, 'tmp' | 'run'>,
): Signer {
  const time = new Date(epoch * 1000).toISOString().slice(0, 19).replace('T', ' ');
  return async (program) => {
    const unsigned = join(tmp, 'unsigned.efi');
    const signed = join(tmp, 'signed.efi');
    writeFileSync(unsigned, program);
    const files = ['--key', key, '--cert', certificate, '--output', signed, unsigned];
    await run('faketime', ['-f', time, 'sbsign', ...files], { env: { TZ: 'UTC' } });
    return readFileSync(signed);
  };
}

import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Runner } from '../system/sandbox';
import type { Place } from './layout';
import { signaturesOf } from './pe';
import { EFI_NAMES } from './uki';

/**
 * What is to be said before a release goes onto a disk whose boot loader is signed otherwise: firmware with Secure Boot refuses
 * one of the two. It does not go on from there by itself: somebody has to reset the machine, once for each try.
 *
 * @param certificate of the key that signs the release; undefined where nothing does
 * @param tmp a folder
 * @returns undefined where both are signed by one key, or the disk's boot loader by none
 */
export async function signedOtherwise(
  disk: string,
  esp: Place,
  certificate: string | undefined,
  { tmp, run }: { tmp: string; run: Runner },
): Promise<string | undefined> {
  const copy = join(tmp, 'loader.efi');
  const env = { MTOOLS_SKIP_CHECK: '1' };
  const image = `${disk}@@${esp.start}`;
  await run('mcopy', ['-n', '-i', image, `::EFI/BOOT/${EFI_NAMES.name}`, copy], { env, okCodes: [0, 1] });
  if (!existsSync(copy)) return undefined;
  const signatures = signaturesOf(readFileSync(copy));
  rmSync(copy);
  if (signatures.length === 0) return undefined;
  const own = certificate && new X509Certificate(readFileSync(certificate)).raw;
  if (own && signatures.includes(own)) return undefined;
  const release = own ? 'the release by another key' : 'the release by none';
  return `${disk}: its boot loader is signed, and ${release}: a machine with Secure Boot refuses it, and has to be reset for each try before it goes back`;
}

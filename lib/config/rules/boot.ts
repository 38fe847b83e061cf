import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { codeOf } from '../../error';
import type { Wrong } from '../problems';
import type { Config } from '../schema';
import { type Checked, found } from './rule';

/** Checks that the boot loader can do what is asked of it, and that what signs it fits together. */
export function checkBoot(checked: Checked): void {
  const { layout, loader, uki, secure_boot: secureBoot } = checked.config.install;
  const { wrong } = checked;
  if (loader === 'systemd-boot' && layout !== 'gpt')
    wrong(
      ['install', 'loader'],
      `expected grub for install.layout ${layout}, found ${found(checked, ['install', 'loader'])}: it needs an EFI system partition`,
    );
  if (uki && loader !== 'systemd-boot')
    wrong(
      ['install', 'uki'],
      `expected it with install.loader systemd-boot, found ${loader}, which starts no unified kernel images`,
    );
  if (secureBoot === undefined) return;
  if (uki) checkKeys(secureBoot, wrong);
  else
    wrong(
      ['install', 'secure_boot'],
      'expected it with install.uki, found uki false: nothing would check the initramfs and the command line',
    );
}

/** Messages show nothing of the key. */
function checkKeys({ key, certificate }: NonNullable<Config['install']['secure_boot']>, wrong: Wrong): void {
  const at = (name: string): string[] => ['install', 'secure_boot', name];
  const mode = statSync(key, { throwIfNoEntry: false })?.mode;
  // A file that is missing was reported.
  if (mode === undefined || statSync(certificate, { throwIfNoEntry: false }) === undefined) return;
  if ((mode & 0o077) !== 0) {
    wrong(at('key'), 'expected a file that only its owner may read; `chmod 600` makes it one');
    return;
  }
  const signed = read(certificate, (text) => new X509Certificate(text));
  const own = read(key, createPrivateKey);
  if (typeof signed === 'string') wrong(at('certificate'), `expected a certificate in PEM${signed}`);
  if (typeof own === 'string') wrong(at('key'), `expected a private key in PEM, without a passphrase${own}`);
  if (typeof signed === 'string' || typeof own === 'string') return;
  if (own.asymmetricKeyType !== 'rsa')
    wrong(
      at('key'),
      'expected an RSA key, which all firmware knows; `openssl req -newkey rsa:2048` makes one',
    );
  else if (!signed.checkPrivateKey(own))
    wrong(at('certificate'), 'expected the certificate of install.secure_boot.key, found one of another key');
}

/** What a file has, or why it has not; PEM, as sbsign(1) takes it. */
function read<T>(file: string, parse: (text: string) => T): T | string {
  try {
    const text = readFileSync(file, 'latin1');
    return text.includes('-----BEGIN ') ? parse(text) : ': the file has no line -----BEGIN …';
  } catch (error) {
    return ['EACCES', 'EISDIR'].includes(String(codeOf(error)))
      ? `: it cannot be read (${codeOf(error)})`
      : '';
  }
}

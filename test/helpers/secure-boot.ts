import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Keys } from '../../lib/install/signing';
import { run } from '../../lib/system/process';

const EMPTY = '/usr/share/OVMF/OVMF_VARS_4M.fd';

/** The GUIDs of the UEFI specification: of its own variables, of the databases of signatures, of a certificate in one. */
const GLOBAL = '8be4df61-93ca-11d2-aa0d-00e098032b8c';
const DATABASE = 'd719b2cb-3d3a-4596-a3bc-dad00e67656f';
const X509 = 'a5c059a1-94e4-4aa7-87b5-ab155c2bf072';
/** Who brought the certificates; any. */
const OWNER = '0a1b2c3d-0001-4002-8003-0a1b2c3d4e5f';

/** Kept, seen by boot loaders and by systems, and changed only by who has a signature (7.1, "Attributes"). */
const ATTRIBUTES = 0x27;
const HEADER_BYTES = 60;

/** A new key for signatures, with its certificate. */
export async function signingKeys(folder: string, name: string): Promise<Keys> {
  const [key, certificate] = [join(folder, `${name}.key`), join(folder, `${name}.crt`)] as const;
  const kind = ['-newkey', 'rsa:2048', '-nodes', '-subj', `/CN=${name}`, '-days', '3650'];
  await run('openssl', ['req', '-new', '-x509', ...kind, '-keyout', key, '-out', certificate]);
  return { key, certificate };
}

/** Writes a store of UEFI's variables with which Secure Boot is on, for what a certificate's key has signed. */
export async function secureVariables(folder: string, { certificate }: Keys): Promise<string> {
  const der = join(folder, 'certificate.der');
  await run('openssl', ['x509', '-in', certificate, '-outform', 'DER', '-out', der]);
  const list = signatureList(readFileSync(der));
  const store = Buffer.from(readFileSync(EMPTY));
  // MdeModulePkg/Include/Guid/VariableFormat.h of EDK II: the header of the volume, that of the store, the variables.
  let at = store.readUInt16LE(48) + 28;
  for (const [name, vendor] of [
    ['PK', GLOBAL],
    ['KEK', GLOBAL],
    ['db', DATABASE],
  ] as const) {
    const variable = variableOf(name, vendor, list);
    variable.copy(store, at);
    at += Math.ceil(variable.length / 4) * 4;
  }
  const file = join(folder, 'variables.fd');
  writeFileSync(file, store);
  return file;
}

/** EFI_SIGNATURE_LIST (32.4.1) with one certificate. */
function signatureList(certificate: Buffer): Buffer {
  const sizes = Buffer.alloc(12);
  sizes.writeUInt32LE(28 + 16 + certificate.length, 0);
  sizes.writeUInt32LE(16 + certificate.length, 8);
  return Buffer.concat([guid(X509), sizes, guid(OWNER), certificate]);
}

/** AUTHENTICATED_VARIABLE_HEADER, and what follows it. */
function variableOf(name: string, vendor: string, data: Buffer): Buffer {
  const text = Buffer.from(`${name}\0`, 'utf16le');
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt16LE(0x55aa, 0);
  header.writeUInt8(0x3f, 2);
  header.writeUInt32LE(ATTRIBUTES, 4);
  // When it was signed.
  header.writeUInt16LE(2026, 16);
  header.writeUInt8(1, 18);
  header.writeUInt8(1, 19);
  header.writeUInt32LE(text.length, 36);
  header.writeUInt32LE(data.length, 40);
  guid(vendor).copy(header, 44);
  return Buffer.concat([header, text, data]);
}

/** A GUID as UEFI keeps it: the first three numbers are little-endian. */
function guid(text: string): Buffer {
  const bytes = Buffer.from(text.replaceAll('-', ''), 'hex');
  bytes.subarray(0, 4).reverse();
  bytes.subarray(4, 6).reverse();
  bytes.subarray(6, 8).reverse();
  return bytes;
}

/** A host's SSH key: the files of sshd(8) that it comes to. */
export interface HostKey {
  /** Of the private one in /etc/ssh; the public one has `.pub` behind it. */
  name: string;
  /** The line of the public key. */
  publicKey: string;
}

/** Files by the type of the key (sshd_config(5), HostKey). */
const NAMES: Readonly<Record<string, string>> = {
  'ssh-ed25519': 'ssh_host_ed25519_key',
  'ssh-rsa': 'ssh_host_rsa_key',
  'ecdsa-sha2-nistp256': 'ssh_host_ecdsa_key',
  'ecdsa-sha2-nistp384': 'ssh_host_ecdsa_key',
  'ecdsa-sha2-nistp521': 'ssh_host_ecdsa_key',
};

const FORM = /^-----BEGIN OPENSSH PRIVATE KEY-----\n([A-Za-z0-9+/=\n]+)\n-----END OPENSSH PRIVATE KEY-----$/;
const MAGIC = 'openssh-key-v1\0';

/**
 * Reads a private key in OpenSSH's own format (PROTOCOL.key in its source), which holds the public one as it is.
 *
 * @returns the key, or what is wrong with the text: in words that show no part of it
 */
export function hostKeyOf(text: string): HostKey | string {
  const base64 = FORM.exec(text.trim().replaceAll('\r\n', '\n'))?.[1];
  if (base64 === undefined)
    return "expected a private key in OpenSSH's format, as `ssh-keygen -t ed25519` makes it";
  const bytes = Buffer.from(base64, 'base64');
  const damaged = 'the key is cut off or damaged';
  if (bytes.subarray(0, MAGIC.length).toString('latin1') !== MAGIC) return damaged;
  let at = MAGIC.length;
  const next = (): Buffer | undefined => {
    if (at + 4 > bytes.length) return undefined;
    const end = at + 4 + bytes.readUInt32BE(at);
    if (end > bytes.length) return undefined;
    const part = bytes.subarray(at + 4, end);
    at = end;
    return part;
  };
  const cipher = next()?.toString('latin1');
  if (cipher !== undefined && cipher !== 'none')
    return 'it has a passphrase, and nobody is there to type it: `ssh-keygen -p -N ""` takes it away';
  next();
  next();
  at += 4;
  const blob = next();
  const rest = next();
  if (blob === undefined || rest === undefined || at !== bytes.length || blob.length < 4) return damaged;
  const type = blob.subarray(4, 4 + blob.readUInt32BE(0)).toString('latin1');
  const name = NAMES[type];
  if (name === undefined) return 'expected a key of type ed25519, rsa or ecdsa';
  return { name, publicKey: `${type} ${blob.toString('base64')}` };
}

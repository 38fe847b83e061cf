import { meant } from './problems';
import { didYouMean } from './suggest';

/** The types of public keys that sshd accepts (sshd(8), AUTHORIZED_KEYS FILE FORMAT). */
const TYPES = [
  'ssh-ed25519',
  'ssh-rsa',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'sk-ssh-ed25519@openssh.com',
  'sk-ecdsa-sha2-nistp256@openssh.com',
];

/** Names of options (sshd(8), AUTHORIZED_KEYS FILE FORMAT), which have no value, or need one. */
const SWITCHES = [
  ...['agent-forwarding', 'port-forwarding', 'pty', 'user-rc', 'x11-forwarding'].flatMap((name) => [
    name,
    `no-${name}`,
  ]),
  'cert-authority',
  'no-touch-required',
  'restrict',
  'verify-required',
];
const WITH_VALUE = [
  'command',
  'environment',
  'expiry-time',
  'from',
  'permitlisten',
  'permitopen',
  'principals',
  'tunnel',
];

/** Options that may stand before a key: `from="10.0.0.0/8",no-pty `, with blanks only in quotes. */
const OPTIONS = /^(?:[a-zA-Z0-9-]+(?:="(?:[^"\\]|\\.)*")?(?:,|(?=\s)))+\s+/;

/** What only private keys have in them: of OpenSSH, of OpenSSL, of PuTTY; the base64 begins with `openssh-key-v1`. */
const PRIVATE = /-----BEGIN[A-Z0-9 ]* PRIVATE KEY-----|^PuTTY-User-Key-File|^b3BlbnNzaC1rZXktdj/;

/** What to do when a private key was named. */
export const PRIVATE_KEY =
  'it is a private key, which nobody else may have: name the public one (the file with .pub at its end), and replace this key if it was ever shared';

/**
 * What is wrong with a line of an authorized_keys file, or nothing.
 *
 * @returns a message that shows no part of a private key
 */
export function sshKeyProblem(line: string): string | undefined {
  if (isPrivateKey(line)) return PRIVATE_KEY;
  if (/[\r\n]/.test(line.trim()))
    return 'it has more than one line: make it a list with one key in each item';
  const words = line.trim();
  const behind = words.replace(OPTIONS, '');
  if (behind !== words && startsWithType(behind)) {
    const problem = optionProblem(words.slice(0, words.length - behind.length));
    if (problem !== undefined) return problem;
  }
  const [type = '', blob = ''] = (startsWithType(behind) ? behind : words).split(/\s+/);
  if (!TYPES.includes(type)) return unknownType(type);
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(blob) || blob.length % 4 !== 0)
    return blob === ''
      ? `there is no key after ${type}`
      : 'the text after its type is not base64: is it cut off?';
  return innerProblem(type, Buffer.from(blob, 'base64'));
}

/** What is wrong with the options before a key: sshd ignores a key with one that it does not know. */
function optionProblem(options: string): string | undefined {
  for (const [, name = '', value] of options.matchAll(/([a-zA-Z0-9-]+)(="(?:[^"\\]|\\.)*")?(?:,|\s+$)/g)) {
    const known = name.toLowerCase();
    if (SWITCHES.includes(known)) {
      if (value !== undefined) return `expected no value for the option ${name}`;
    } else if (!WITH_VALUE.includes(known)) {
      const near = meant(didYouMean(name, [...SWITCHES, ...WITH_VALUE]));
      return `unknown option ${name} in front of the key, which sshd then ignores${near}`;
    } else if (value === undefined) return `expected ${name}="…" for the option ${name}`;
  }
  return undefined;
}

/** Whether an item of `ssh_keys` names a file of keys by its URL. */
export function isKeyUrl(item: string): boolean {
  return KEY_URL.test(item);
}

export const KEY_URL = /^https?:\/\/\S+$/;

/** Whether a text is, or begins, a private key. */
export function isPrivateKey(text: string): boolean {
  return PRIVATE.test(text);
}

function startsWithType(words: string): boolean {
  return TYPES.some((type) => words.startsWith(`${type} `) || words === type);
}

function unknownType(type: string): string {
  if (type === 'ssh-dss')
    return 'ssh-dss keys are not accepted by sshd any more: make one with `ssh-keygen -t ed25519`';
  const near = didYouMean(type, TYPES);
  return `expected a type of key such as ssh-ed25519${near === undefined ? '' : `; did you mean ${near}?`}`;
}

/** The key says its type itself, as text with its length before it (RFC 4253, section 6.6); parts fill it to the end. */
function innerProblem(type: string, key: Buffer): string | undefined {
  const parts: Buffer[] = [];
  let at = 0;
  while (at + 4 <= key.length) {
    const end = at + 4 + key.readUInt32BE(at);
    if (end > key.length) return 'the key is cut off or damaged';
    parts.push(key.subarray(at + 4, end));
    at = end;
  }
  const inner = parts[0]?.toString('latin1') ?? '';
  if (at !== key.length || parts.length < 2) return 'the key is cut off or damaged';
  if (inner !== type) {
    const shown = TYPES.includes(inner) ? inner : 'something else';
    return `the line says ${type}, the key in it is ${shown}`;
  }
  if (type === 'ssh-ed25519' && parts[1]?.length !== 32) return 'the key is cut off or damaged';
  return undefined;
}

import { existsSync, readFileSync } from 'node:fs';

/** What this machine says of its operating system: the fields of os-release(5), without their quotes. */
export function osRelease(file = '/etc/os-release'): ReadonlyMap<string, string> {
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const fields = text.matchAll(/^(\w+)=(["']?)([^"'\n]*)\2$/gm);
  return new Map([...fields].map(([, name = '', , value = '']) => [name, value]));
}

/** The names of this machine's distribution and of those it derives from, its own first (ID and ID_LIKE). */
export function hostNames(file?: string): string[] {
  const fields = osRelease(file);
  return [fields.get('ID') ?? '', ...(fields.get('ID_LIKE') ?? '').split(' ')].filter((name) => name !== '');
}

/** This machine's architecture as the kernel calls it (uname(2)): `x86_64`, `aarch64`. */
export function machine(): string {
  return process.arch === 'x64' ? 'x86_64' : process.arch === 'arm64' ? 'aarch64' : process.arch;
}

import { meant, type Wrong } from '../config/problems';
import { didYouMean } from '../config/suggest';

const SCHEMES = ['http', 'https', 'file'];

/** Reports a list of mirrors without any. */
export function checkSome(mirrors: readonly string[], wrong: Wrong): void {
  if (mirrors.length === 0) wrong(['mirror'], 'expected auto, or one source at least, found an empty list');
}

/** The scheme of a mirror's address, and which of http, https and file is most like it. */
export function schemeOf(mirror: string): { scheme: string | undefined; near: string | undefined } {
  const scheme = /^([^:/]+):\/\//.exec(mirror)?.[1];
  return { scheme, near: scheme === undefined ? undefined : didYouMean(scheme, SCHEMES) };
}

/** Whether files can be fetched from an address by curl(1). */
export function isPlain(scheme: string | undefined): boolean {
  return scheme !== undefined && SCHEMES.includes(scheme);
}

/** `; did you mean http://…?`, or nothing. */
export function meantUrl(mirror: string, near: string | undefined): string {
  return meant(near && mirror.replace(/^[^:]+/, near));
}

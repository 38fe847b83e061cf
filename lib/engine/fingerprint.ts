import { createHash } from 'node:crypto';
import type { Json } from '../json';
import { either, type Fits, isNumber, isText, listOf, mapOf, withKeys } from '../system/kept-json';

/** A file's mode and hash (`100644 9f86…`), or a tree of them by path. */
export type FileDigest = string | { [path: string]: string };

/** A file or folder as a step uses it. */
export interface FileRecord {
  role: string;
  name: string;
  digest: FileDigest;
}

/** Raised whenever records have another form: those of earlier versions are not read. */
export const RECORD_FORMAT = 3;

/**
 * Everything that can change an artifact, as data: two of them can be compared key by key, so that "why did it run"
 * is a difference (difference.ts), and the fingerprint is the hash of one.
 */
export interface FingerprintRecord {
  format: typeof RECORD_FORMAT;
  step: string;
  version: number;
  values: { [key: string]: Json };
  /** In the order in which they are used. */
  files: FileRecord[];
  tools: { [name: string]: string };
  /** The fingerprints of the steps that this one depends on, by their names. */
  needs: { [step: string]: string };
}

/** Whether a value is a record of this version. */
export const isRecord: Fits = withKeys({
  format: (value) => value === RECORD_FORMAT,
  step: isText,
  version: isNumber,
  values: mapOf(() => true),
  files: listOf(withKeys({ role: isText, name: isText, digest: either(isText, mapOf(isText)) })),
  tools: mapOf(isText),
  needs: mapOf(isText),
});

/**
 * SHA-256, in hex, of the record's canonical JSON (keys sorted, no white space) and of its values with their keys as they
 * stand: a step may go through a map in its order.
 */
export function fingerprintOf({ values, ...record }: FingerprintRecord): string {
  return createHash('sha256').update(canonicalJson(record)).update(JSON.stringify(values)).digest('hex');
}

/** JSON with sorted keys, so that equal values give equal text. `undefined` members are left out. */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null';
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  let members = '';
  for (const key of Object.keys(value).sort()) {
    const member = (value as Record<string, unknown>)[key];
    if (member !== undefined)
      members += `${members === '' ? '' : ','}${JSON.stringify(key)}:${canonicalJson(member)}`;
  }
  return `{${members}}`;
}

/** The first characters of a hash, as people read it. */
export function short(hash: string): string {
  return hash.slice(0, 12);
}

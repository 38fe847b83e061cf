import { readFileSync, statSync } from 'node:fs';

/** Whether a path is a file of a time zone (RFC 8536), and not a folder of them or a list. */
export function isZoneFile(path: string): boolean {
  try {
    return statSync(path).isFile() && readFileSync(path).subarray(0, 4).toString('latin1') === 'TZif';
  } catch {
    return false;
  }
}

import { readFileSync } from 'node:fs';

/**
 * What a file that the cache keeps says. Whatever is wrong with it (missing, cut off, not an object or a list), it is
 * as if it was not there, and is made again.
 */
export function readKeptJson<T extends object>(file: string): T | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return typeof value === 'object' && value !== null ? (value as T) : undefined;
  } catch {
    return undefined;
  }
}

import { readFileSync } from 'node:fs';

/** Whether a value is what was written. */
export type Fits = (value: unknown) => boolean;

export const isText: Fits = (value) => typeof value === 'string';
export const isNumber: Fits = (value) => typeof value === 'number';

/** A map from any keys. */
export function mapOf(fits: Fits): Fits {
  return (value) =>
    typeof value === 'object' && value !== null && !Array.isArray(value) && Object.values(value).every(fits);
}

/** A list of any length. */
export function listOf(fits: Fits): Fits {
  return (value) => Array.isArray(value) && value.every(fits);
}

/** A map with at least these keys. */
export function withKeys(keys: Readonly<Record<string, Fits>>): Fits {
  return (value) =>
    mapOf(() => true)(value) &&
    Object.entries(keys).every(([key, fits]) => fits((value as Record<string, unknown>)[key]));
}

/** One of several. */
export function either(...all: readonly Fits[]): Fits {
  return (value) => all.some((fits) => fits(value));
}

/**
 * What a file that the cache keeps says. Whatever is wrong with it (missing, cut off, not an object or a list, other
 * values in it than were written), it is as if it was not there, and is made again.
 *
 * @param fits what it has to be besides
 */
export function readKeptJson<T extends object>(file: string, fits: Fits = () => true): T | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return typeof value === 'object' && value !== null && fits(value) ? (value as T) : undefined;
  } catch {
    return undefined;
  }
}

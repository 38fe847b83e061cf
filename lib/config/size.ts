const UNITS: Record<string, number> = { K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 };

/**
 * The bytes of a size in the configuration (`512M`, `4G`: binary multiples).
 *
 * @throws RangeError for a size that the schema does not allow
 */
export function parseSize(size: string): number {
  const bytes = bytesOf(size);
  if (!Number.isSafeInteger(bytes)) throw new RangeError(`${size}: not a size such as 512M or 4G`);
  return bytes;
}

/** Whether a size is one, and neither less nor more than so many bytes. */
export function isSizeWithin(size: string, least: number, most: number): boolean {
  const bytes = bytesOf(size);
  return bytes >= least && bytes <= most;
}

function bytesOf(size: string): number {
  const [, digits, unit] = /^([1-9][0-9]*)([KMGT])$/.exec(size) ?? [];
  return Number(digits) * (UNITS[unit ?? ''] ?? Number.NaN);
}

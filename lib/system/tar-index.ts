import { closeSync, openSync, readSync } from 'node:fs';

const BLOCK = 512;
/** Texts about the entry that follows: pax's and GNU's (tar(5)). */
const EXTENDED = 'xgLK';
/** The largest file that is read whole. */
const MOST_BYTES = 64 * 2 ** 20;

/** The files of a tar archive by name: where their content is. */
export type TarIndex = ReadonlyMap<string, { at: number; size: number }>;

/**
 * Lists the regular files of an uncompressed tar archive (tar(5)), without reading what is in them. Names of more than
 * 100 bytes are cut off.
 *
 * @returns undefined when the file is no such archive, or ends too early
 */
export function indexTar(path: string): TarIndex | undefined {
  const file = openSync(path, 'r');
  try {
    const index = new Map<string, { at: number; size: number }>();
    const block = Buffer.alloc(BLOCK);
    for (let at = 0; ; ) {
      if (readSync(file, block, 0, BLOCK, at) < BLOCK) return undefined;
      if (block.every((byte) => byte === 0)) return index;
      if (!isHeader(block)) return undefined;
      const size = numberAt(block, 124, 12);
      const type = String.fromCharCode(block[156] ?? 0);
      if (!EXTENDED.includes(type) && (type === '0' || type === '\0')) {
        const prefix = block.toString('latin1', 257, 262) === 'ustar' ? textAt(block, 345, 155) : '';
        const name = textAt(block, 0, 100);
        index.set((prefix === '' ? name : `${prefix}/${name}`).replace(/^\.\//, ''), {
          at: at + BLOCK,
          size,
        });
      }
      at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
    }
  } finally {
    closeSync(file);
  }
}

/** The content of a file of an archive; undefined where it has none of that name, or one that is far too large. */
export function readInTar(path: string, index: TarIndex, name: string): Buffer | undefined {
  const entry = index.get(name);
  if (entry === undefined || entry.size > MOST_BYTES) return undefined;
  const file = openSync(path, 'r');
  try {
    const content = Buffer.alloc(entry.size);
    return readSync(file, content, 0, entry.size, entry.at) === entry.size ? content : undefined;
  } finally {
    closeSync(file);
  }
}

/** Whether the sum of the header's bytes is what it says. */
function isHeader(block: Buffer): boolean {
  const blanks = 8 * 0x20;
  const sum = block.reduce((total, byte, at) => total + (at >= 148 && at < 156 ? 0 : byte), blanks);
  return sum === numberAt(block, 148, 8);
}

/** Octal digits, or a binary number where the first bit is set. */
function numberAt(block: Buffer, at: number, length: number): number {
  if (((block[at] ?? 0) & 0x80) !== 0) return block.readUIntBE(at + length - 6, 6);
  return Number.parseInt(textAt(block, at, length).trim() || '0', 8);
}

function textAt(block: Buffer, at: number, length: number): string {
  return block.toString('utf8', at, at + length).replace(/\0[\s\S]*$/, '');
}

import { statSync } from 'node:fs';
import { join } from 'node:path';
import { writeAtomically } from './atomic-write';
import type { Compiled, Pack } from './module-cache';

/** Bytes that follow each other. */
interface Region {
  bodies: Buffer[];
  length: number;
}

/**
 * Writes the file that module-cache.ts reads: the length of the index (4 bytes, little endian), the index as JSON, then
 * the code of all modules in Latin-1, then what V8 compiled of each, and code that has other characters, in UTF-16. What this run did
 * not load stays.
 */
export function writePack(file: string, old: Pack, loaded: ReadonlyMap<string, Compiled>): void {
  const modules: Pack['modules'] = {};
  const text: Region = { bodies: [], length: 0 };
  const rest: Region = { bodies: [], length: 0 };
  const put = (name: string, stamp: string, code: string | Buffer, data: Buffer): void => {
    const isWide = typeof code !== 'string' || !isLatin1(code);
    const bytes = typeof code === 'string' ? Buffer.from(code, isWide ? 'utf16le' : 'latin1') : code;
    modules[name] = { stamp, code: add(isWide ? rest : text, bytes), data: add(rest, data), isWide };
  };
  for (const [name, { stamp, code, script }] of loaded) put(name, stamp, code, script.createCachedData());
  for (const [name, { stamp, code, data, isWide }] of Object.entries(old.modules)) {
    if (modules[name] || !exists(name)) continue;
    put(
      name,
      stamp,
      isWide ? old.rest.subarray(...code) : old.text.slice(...code),
      old.rest.subarray(...data),
    );
  }
  const head = Buffer.from(JSON.stringify({ modules, lengths: { text: text.length, rest: rest.length } }));
  const size = Buffer.alloc(4);
  size.writeUInt32LE(head.length);
  // A cache that can't be written (a read-only checkout) is no reason to fail.
  try {
    writeAtomically(file, Buffer.concat([size, head, ...text.bodies, ...rest.bodies]));
  } catch {
    return;
  }
}

function add(region: Region, body: Buffer): [number, number] {
  region.bodies.push(body);
  region.length += body.length;
  return [region.length - body.length, region.length];
}

function isLatin1(code: string): boolean {
  return Buffer.from(code, 'latin1').toString('latin1') === code;
}

function exists(name: string): boolean {
  return statSync(join(__dirname, '..', '..', name), { throwIfNoEntry: false }) !== undefined;
}

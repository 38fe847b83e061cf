import { statSync } from 'node:fs';
import { join } from 'node:path';
import { writeAtomically } from './atomic-write';
import type { Compiled, Index } from './module-cache';

/**
 * Writes the file that module-cache.ts reads: the length of the index (4 bytes, little endian), the index as JSON, then
 * the code of each module and what V8 compiled of it. What this run did not load stays.
 */
export function writePack(
  file: string,
  old: { index: Index; bodies: Buffer },
  loaded: ReadonlyMap<string, Compiled>,
): void {
  const index: Index = {};
  const bodies: Buffer[] = [];
  let length = 0;
  const add = (body: Buffer): [number, number] => {
    bodies.push(body);
    length += body.length;
    return [length - body.length, length];
  };
  for (const [name, { stamp, code, script }] of loaded)
    index[name] = { stamp, code: add(Buffer.from(code)), data: add(script.createCachedData()) };
  for (const [name, { stamp, code, data }] of Object.entries(old.index)) {
    if (index[name] || !exists(name)) continue;
    index[name] = { stamp, code: add(old.bodies.subarray(...code)), data: add(old.bodies.subarray(...data)) };
  }
  const head = Buffer.from(JSON.stringify(index));
  const size = Buffer.alloc(4);
  size.writeUInt32LE(head.length);
  // A cache that can't be written (a read-only checkout) is no reason to fail.
  try {
    writeAtomically(file, Buffer.concat([size, head, ...bodies]));
  } catch {
    return;
  }
}

function exists(name: string): boolean {
  return statSync(join(__dirname, '..', '..', name), { throwIfNoEntry: false }) !== undefined;
}

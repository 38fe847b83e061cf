import { Dock0Error } from '../error';

/** A section to add to a program. */
export interface Section {
  /** At most 8 letters. */
  name: string;
  content: Buffer;
}

/** What a header of the "PE Format" (Microsoft) has where, from the start of what it is in. */
const AT = {
  header: 0x3c,
  sections: 6,
  symbols: 12,
  optionalSize: 20,
  optional: 24,
  /** In the optional header, which is PE32+. */
  initializedSize: 8,
  sectionAlignment: 32,
  fileAlignment: 36,
  imageSize: 56,
  headersSize: 60,
  checksum: 64,
  certificates: 144,
} as const;
const SECTION_BYTES = 40;
const INITIALIZED_READ_ONLY = 0x40000040;
/** Pages of memory. What reads a section may map it. */
const PAGE = 4096;

/**
 * Adds sections to a program for UEFI, behind those that it has. Symbols for debuggers, which stood behind them, are left out.
 *
 * @throws Dock0Error where it is no such program, or its headers have no room
 */
export function withSections(program: Buffer, added: readonly Section[]): Buffer {
  const start = program.length > AT.header + 4 ? program.readUInt32LE(AT.header) : program.length;
  if (start + AT.optional > program.length || program.toString('latin1', start, start + 4) !== 'PE\0\0')
    throw new Dock0Error('the stub of unified kernel images is no program for UEFI');
  const optional = start + AT.optional;
  const count = program.readUInt16LE(start + AT.sections);
  const table = optional + program.readUInt16LE(start + AT.optionalSize);
  const fileAlignment = program.readUInt32LE(optional + AT.fileAlignment);
  const alignment = Math.max(PAGE, program.readUInt32LE(optional + AT.sectionAlignment));
  const room = program.readUInt32LE(optional + AT.headersSize) - table;
  if ((count + added.length) * SECTION_BYTES > room)
    throw new Dock0Error('the stub of unified kernel images has no room for more sections');
  const own = sectionsOf(program);
  let address = Math.max(...own.map((section) => section.address + section.size));
  let offset = Math.max(...own.map((section) => section.offset + section.bytes));
  const pieces: Buffer[] = [Buffer.from(program.subarray(0, offset))];
  const [head] = pieces as [Buffer];
  const initialized = added.map(({ name, content }, at) => {
    address = aligned(address, alignment);
    const start = aligned(offset, fileAlignment);
    const bytes = aligned(content.length, fileAlignment);
    const header = head.subarray(table + (count + at) * SECTION_BYTES).subarray(0, SECTION_BYTES);
    header.fill(0);
    header.write(name, 'latin1');
    for (const [place, value] of [content.length, address, bytes, start].entries())
      header.writeUInt32LE(value, 8 + 4 * place);
    header.writeUInt32LE(INITIALIZED_READ_ONLY, 36);
    pieces.push(Buffer.alloc(start - offset), content, Buffer.alloc(bytes - content.length));
    address += content.length;
    offset = start + bytes;
    return bytes;
  });
  head.writeUInt16LE(count + added.length, start + AT.sections);
  head.fill(0, start + AT.symbols, start + AT.symbols + 8);
  const size = initialized.reduce(
    (sum, bytes) => sum + bytes,
    head.readUInt32LE(optional + AT.initializedSize),
  );
  head.writeUInt32LE(size, optional + AT.initializedSize);
  head.writeUInt32LE(aligned(address, alignment), optional + AT.imageSize);
  // Only drivers of Windows have one that is read.
  head.writeUInt32LE(0, optional + AT.checksum);
  return Buffer.concat(pieces);
}

/** The sections of a program. `size` and `address` are those in memory, the others those in the file. */
export function sectionsOf(
  program: Buffer,
): { name: string; size: number; address: number; bytes: number; offset: number }[] {
  const start = program.readUInt32LE(AT.header);
  const table = start + AT.optional + program.readUInt16LE(start + AT.optionalSize);
  return Array.from({ length: program.readUInt16LE(start + AT.sections) }, (_, index) => {
    const at = table + index * SECTION_BYTES;
    const [size, address, bytes, offset] = [8, 12, 16, 20].map((field) =>
      program.readUInt32LE(at + field),
    ) as [number, number, number, number];
    return { name: program.toString('latin1', at, at + 8).replace(/\0+$/, ''), size, address, bytes, offset };
  });
}

/**
 * The signatures of a program: its attribute certificate table ("PE Format", section of that name); empty for none, and for
 * what is no program.
 */
export function signaturesOf(program: Buffer): Buffer {
  if (program.length < AT.header + 4) return Buffer.alloc(0);
  const entry = program.readUInt32LE(AT.header) + AT.optional + AT.certificates;
  if (entry + 8 > program.length) return Buffer.alloc(0);
  const [offset, size] = [program.readUInt32LE(entry), program.readUInt32LE(entry + 4)];
  return program.subarray(offset, offset + size);
}

function aligned(value: number, to: number): number {
  return Math.ceil(value / to) * to;
}

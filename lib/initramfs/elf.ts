import { closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Dock0Error } from '../error';
import { realInRoot } from '../root/path';

/** What a program needs before it can start (elf(5)). */
export interface ElfNeeds {
  /** The dynamic linker; undefined for a static program and for a library. */
  interpreter: string | undefined;
  /** Names of libraries (DT_NEEDED). */
  libraries: string[];
  /** Folders to search first (DT_RUNPATH, else DT_RPATH), with `$ORIGIN` not yet replaced. */
  searchPath: string[];
}

/** Some bytes of a file, as far as it has them. */
type Read = (at: number, length: number) => Buffer;

const HEADER_BYTES = 64;
const SEGMENT_BYTES = 56;
/** More than the tables of any program; sizes in a damaged file can be anything. */
const MOST_BYTES = 1 << 26;
const PT_LOAD = 1;
const PT_DYNAMIC = 2;
const PT_INTERP = 3;
const DT_NEEDED = 1;
const DT_STRTAB = 5;
const DT_STRSZ = 10;
const DT_RPATH = 15;
const DT_RUNPATH = 29;

/**
 * Reads what a file needs, and of the file only that part.
 *
 * @returns undefined when it is not a 64-bit little-endian ELF file (a script, for example)
 * @throws Error when the file can't be read
 */
export function readElf(path: string): ElfNeeds | undefined {
  const file = openSync(path, 'r');
  try {
    const { dev, ino, size, mtimeMs, ctimeMs } = fstatSync(file);
    const key = `${dev} ${ino} ${size} ${mtimeMs} ${ctimeMs}`;
    const needs = known.has(key) ? known.get(key) : needsOf(file);
    known.set(key, needs);
    return needs;
  } finally {
    closeSync(file);
  }
}

// Programs have the C library in common, and the tasks of one build have the programs in common.
const known = new Map<string, ElfNeeds | undefined>();

function needsOf(file: number): ElfNeeds | undefined {
  return needsIn((at, length) => {
    const bytes = Buffer.alloc(Number.isSafeInteger(at) ? Math.min(length, MOST_BYTES) : 0);
    return bytes.length === 0 ? bytes : bytes.subarray(0, readSync(file, bytes, 0, bytes.length, at));
  });
}

function needsIn(read: Read): ElfNeeds | undefined {
  const header = read(0, HEADER_BYTES);
  const magic = header.length === HEADER_BYTES && header.readUInt32BE(0) === 0x7f454c46;
  if (!magic || header[4] !== 2 || header[5] !== 1) return undefined;
  const segments = readSegments(header, read);
  const interpreter = segments.find(({ type }) => type === PT_INTERP);
  const dynamic = segments.find(({ type }) => type === PT_DYNAMIC);
  const needs: ElfNeeds = {
    interpreter: interpreter && text(read(interpreter.offset, interpreter.size), 0),
    libraries: [],
    searchPath: [],
  };
  if (dynamic === undefined) return needs;
  const entries = readDynamic(read(dynamic.offset, dynamic.size));
  const [table = 0] = entries.get(DT_STRTAB) ?? [];
  const home = segments.find(
    ({ type, address, size }) => type === PT_LOAD && table >= address && table < address + size,
  );
  if (home === undefined) return needs;
  const [length = 0] = entries.get(DT_STRSZ) ?? [];
  const strings = read(table - home.address + home.offset, length);
  const named = (wanted: number): string[] => (entries.get(wanted) ?? []).map((at) => text(strings, at));
  const [runPath = named(DT_RPATH)[0]] = named(DT_RUNPATH);
  return { ...needs, libraries: named(DT_NEEDED), searchPath: runPath?.split(':').filter(Boolean) ?? [] };
}

/** Where paths of a root lead to; undefined for nothing. */
export type Seen = Map<string, string | undefined>;

/** A file of a root: where programs expect it, and where it is on this machine. */
export interface RootFile {
  /** Absolute in the root: `/lib64/ld-linux-x86-64.so.2`. */
  path: string;
  /** The file itself, all links followed within the root. */
  source: string;
}

/**
 * A program of a root with its dynamic linker and all its libraries, direct and indirect.
 *
 * @param root the tree it belongs to: `/` for this machine, or a layer of packages; links are followed within it
 * @param path the program, absolute in the root
 * @param seen where paths lead to, as far as that was looked up; for several programs, which have libraries in common
 * @throws Dock0Error for a program or library that is missing
 */
export function programFiles(root: string, path: string, seen: Seen = new Map()): RootFile[] {
  const found = new Map<string, RootFile>();
  const leadsTo = (wanted: string): string | undefined => {
    if (!seen.has(wanted)) seen.set(wanted, realInRoot(root, wanted));
    return seen.get(wanted);
  };
  const add = (wanted: string): void => {
    if (found.has(wanted)) return;
    const source = leadsTo(wanted);
    if (source === undefined)
      throw new Dock0Error(`there is no ${wanted}${root === '/' ? '' : ` in ${root}`}`);
    found.set(wanted, { path: wanted, source });
    const needs = readElf(source);
    if (needs === undefined) return;
    if (needs.interpreter !== undefined) add(needs.interpreter);
    for (const library of needs.libraries) {
      const folder = libraryFolders(root, library, needs, wanted).find(
        (each) => leadsTo(join(each, library)) !== undefined,
      );
      if (folder === undefined) throw new Dock0Error(`${wanted} needs ${library}, which is missing`);
      add(join(folder, library));
    }
  };
  add(path);
  return [...found.values()];
}

/** Where the dynamic linker looks for a library (ld.so(8)), in its order. */
function libraryFolders(root: string, library: string, needs: ElfNeeds, user: string): string[] {
  if (library.startsWith('/')) return ['/'];
  const own = needs.searchPath.map((folder) =>
    join('/', folder.replace(/\$(ORIGIN|\{ORIGIN\})/g, dirname(user))),
  );
  return [...own, ...configuredFolders(root), '/lib64', '/usr/lib64', '/lib', '/usr/lib'];
}

const configured = new Map<string, string[]>();

/** The folders of ld.so.conf(5), with the files that Debian and Arch include from it. */
function configuredFolders(root: string): string[] {
  const known = configured.get(root);
  if (known !== undefined) return known;
  const triplets = ['/lib/x86_64-linux-gnu', '/usr/lib/x86_64-linux-gnu', '/lib/aarch64-linux-gnu'];
  const conf = realInRoot(root, '/etc/ld.so.conf');
  const lines = conf === undefined ? [] : readFileSync(conf, 'utf8').split('\n');
  const folders = [...triplets, ...lines.filter((line) => line.startsWith('/'))];
  configured.set(root, folders);
  return folders;
}

interface Segment {
  type: number;
  offset: number;
  address: number;
  size: number;
}

function readSegments(header: Buffer, read: Read): Segment[] {
  const length = header.readUInt16LE(54);
  const table = read(readNumber(header, 32), length * header.readUInt16LE(56));
  const segments: Segment[] = [];
  for (let at = 0; length >= SEGMENT_BYTES && at + length <= table.length; at += length)
    segments.push({
      type: table.readUInt32LE(at),
      offset: readNumber(table, at + 8),
      address: readNumber(table, at + 16),
      size: readNumber(table, at + 32),
    });
  return segments;
}

/** The values of a dynamic section by their tags. */
function readDynamic(bytes: Buffer): Map<number, number[]> {
  const entries = new Map<number, number[]>();
  for (let at = 0; at + 16 <= bytes.length; at += 16) {
    const tag = readNumber(bytes, at);
    if (tag === 0) break;
    entries.set(tag, [...(entries.get(tag) ?? []), readNumber(bytes, at + 8)]);
  }
  return entries;
}

/** Eight bytes as a number: exact up to 2 ** 53, which no place in a file is beyond. */
function readNumber(bytes: Buffer, at: number): number {
  return bytes.readUInt32LE(at) + bytes.readUInt32LE(at + 4) * 2 ** 32;
}

function text(bytes: Buffer, at: number): string {
  const end = bytes.indexOf(0, at);
  return bytes.toString('utf8', at, end === -1 ? bytes.length : end);
}

import { readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
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

const PT_LOAD = 1;
const PT_DYNAMIC = 2;
const PT_INTERP = 3;
const DT_NEEDED = 1;
const DT_STRTAB = 5;
const DT_RPATH = 15;
const DT_RUNPATH = 29;

/** Reads what a file needs; undefined when it is not a 64-bit little-endian ELF file (a script, for example). */
export function readElf(bytes: Buffer): ElfNeeds | undefined {
  const magic = bytes.length >= 64 && bytes.readUInt32BE(0) === 0x7f454c46;
  if (!magic || bytes[4] !== 2 || bytes[5] !== 1) return undefined;
  const segments = readSegments(bytes);
  const interpreter = segments.find(({ type }) => type === PT_INTERP);
  const dynamic = segments.find(({ type }) => type === PT_DYNAMIC);
  const needs: ElfNeeds = {
    interpreter: interpreter === undefined ? undefined : text(bytes, interpreter.offset),
    libraries: [],
    searchPath: [],
  };
  if (dynamic === undefined) return needs;
  const entries = readDynamic(bytes, dynamic);
  const table = entries.find(({ tag }) => tag === DT_STRTAB)?.value ?? 0;
  const home = segments.find(
    ({ type, address, size }) => type === PT_LOAD && table >= address && table < address + size,
  );
  if (home === undefined) return needs;
  const strings = table - home.address + home.offset;
  const named = (wanted: number): string[] =>
    entries.filter(({ tag }) => tag === wanted).map(({ value }) => text(bytes, strings + value));
  const [runPath = named(DT_RPATH)[0]] = named(DT_RUNPATH);
  return { ...needs, libraries: named(DT_NEEDED), searchPath: runPath?.split(':').filter(Boolean) ?? [] };
}

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
 * @throws Dock0Error for a program or library that is missing
 */
export function programFiles(root: string, path: string): RootFile[] {
  const found = new Map<string, RootFile>();
  const add = (wanted: string): void => {
    if (found.has(wanted)) return;
    const source = realInRoot(root, wanted);
    if (source === undefined)
      throw new Dock0Error(`there is no ${wanted}${root === '/' ? '' : ` in ${root}`}`);
    found.set(wanted, { path: wanted, source });
    const needs = readElf(readFileSync(source));
    if (needs === undefined) return;
    if (needs.interpreter !== undefined) add(needs.interpreter);
    for (const library of needs.libraries) {
      const at = libraryPath(root, library, needs, wanted);
      if (at === undefined) throw new Dock0Error(`${wanted} needs ${library}, which is missing`);
      add(at);
    }
  };
  add(path);
  return [...found.values()];
}

function libraryPath(root: string, library: string, needs: ElfNeeds, user: string): string | undefined {
  if (library.startsWith('/')) return library;
  const own = needs.searchPath.map((folder) => folder.replace(/\$(ORIGIN|\{ORIGIN\})/g, dirname(user)));
  const folders = [...own, ...configuredFolders(root), '/lib64', '/usr/lib64', '/lib', '/usr/lib'];
  const paths = folders.map((folder) => normalize(join('/', folder, library)));
  return paths.find((path) => realInRoot(root, path) !== undefined);
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

function readSegments(bytes: Buffer): Segment[] {
  const start = Number(bytes.readBigUInt64LE(32));
  const length = bytes.readUInt16LE(54);
  const segments: Segment[] = [];
  for (let index = 0; index < bytes.readUInt16LE(56); index++) {
    const at = start + index * length;
    segments.push({
      type: bytes.readUInt32LE(at),
      offset: Number(bytes.readBigUInt64LE(at + 8)),
      address: Number(bytes.readBigUInt64LE(at + 16)),
      size: Number(bytes.readBigUInt64LE(at + 32)),
    });
  }
  return segments;
}

function readDynamic(bytes: Buffer, { offset, size }: Segment): { tag: number; value: number }[] {
  const entries: { tag: number; value: number }[] = [];
  for (let at = offset; at + 16 <= offset + size; at += 16) {
    const tag = Number(bytes.readBigInt64LE(at));
    if (tag === 0) break;
    entries.push({ tag, value: Number(bytes.readBigUInt64LE(at + 8)) });
  }
  return entries;
}

function text(bytes: Buffer, at: number): string {
  const end = bytes.indexOf(0, at);
  return bytes.toString('utf8', at, end === -1 ? bytes.length : end);
}

import { closeSync, existsSync, openSync, readSync, realpathSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { Dock0Error } from '../error';
import { writeAtomically } from '../system/atomic-write';
import { findTool } from '../system/find-tool';
import { either, isText, mapOf, readKeptJson, withKeys } from '../system/kept-json';
import { LINKER_CACHE, libraryOf } from '../system/library';
import { isPackaged, packagesState } from '../system/packaged';
import { run } from '../system/process';
import { hashFile } from './hash-index';

/**
 * Asks tools for their version, and remembers the answer as long as the program file stays the same. A script may start
 * another program: the answer of one that a package brought counts until any package changes, others are asked once by
 * every process.
 */
export interface ToolVersions {
  /**
   * The version a tool says it has.
   *
   * @param library one that it is linked with: `libzstd`; its version is added
   * @throws Dock0Error when there is no such tool
   */
  version: (name: string, library?: string) => Promise<string>;
  save: () => void;
}

// busybox says its version only in its help.
const FLAGS = ['--version', '-version', '-V', '--help'];
const VERSION = /\bversion v?(\d[\w.+~-]*)|\bv?(\d+(?:\.\d+)+[\w.+~-]*)/i;

const KNOWN = mapOf((value) => isKnown(value) && areLibraries((value as Known).libraries));
const isKnown = withKeys({ key: isText, version: isText, elf: (value) => typeof value === 'boolean' });
const areLibraries = either(
  (value) => value === undefined,
  mapOf(withKeys({ linker: isText, path: isText })),
);

interface Known {
  /** The program file, and its stat. */
  key: string;
  version: string;
  /** Whether it is a program and no script. */
  elf: boolean;
  /** The state of the packages, for a script that is one of theirs. */
  packages?: string;
  /** Where a library is (empty: nowhere), as long as the linker knows the same ones. */
  libraries?: Record<string, { linker: string; path: string }>;
}

/** Opens the memory kept in `file`. */
export function openToolVersions(file: string): ToolVersions {
  const known = readKeptJson<Record<string, Known>>(file, KNOWN) ?? {};
  const asked = new Map<string, Promise<string>>();
  let changed = false;
  const ask = async (name: string): Promise<string> => {
    const path = findTool(name);
    if (path === undefined) {
      throw new Dock0Error(`${name} is not installed`, {
        hint: '`gulp setup` installs what the configuration needs.',
      });
    }
    const key = `${realpathSync(path)} ${stampOf(path)}`;
    const last = known[name]?.key === key ? known[name] : undefined;
    const elf = last?.elf ?? isElf(path);
    const packages = elf ? undefined : packagesState();
    if (last !== undefined && (elf || (packages !== undefined && last.packages === packages)))
      return last.version;
    const version = (await versionSaid(path)) ?? `sha256 ${hashFile(path).slice(0, 12)}`;
    known[name] = { key, version, elf, ...(packages !== undefined && isPackaged(path) ? { packages } : {}) };
    changed = true;
    return version;
  };
  const libraryFor = (name: string, library: string): string => {
    const program = known[name];
    const linker = stampOf(LINKER_CACHE);
    const last = program?.libraries?.[library];
    const path =
      last !== undefined && linker !== '' && last.linker === linker
        ? last.path
        : (libraryOf(name, library) ?? '');
    if (program !== undefined && (last?.path !== path || last.linker !== linker)) {
      program.libraries = { ...program.libraries, [library]: { linker, path } };
      changed = true;
    }
    return existsSync(path) ? basename(realpathSync(path)) : `its own ${library}`;
  };
  return {
    version: async (name, library) => {
      const answer = asked.get(name) ?? ask(name);
      asked.set(name, answer);
      const version = await answer;
      return library === undefined ? version : `${version} with ${libraryFor(name, library)}`;
    },
    save: () => {
      if (!changed) return;
      writeAtomically(file, JSON.stringify(known));
      changed = false;
    },
  };
}

function stampOf(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat === undefined ? '' : `${stat.size} ${stat.mtimeMs} ${stat.ctimeMs} ${stat.ino}`;
}

function isElf(path: string): boolean {
  const magic = Buffer.alloc(4);
  const descriptor = openSync(path, 'r');
  try {
    readSync(descriptor, magic);
  } finally {
    closeSync(descriptor);
  }
  return magic.readUInt32BE() === 0x7f454c46;
}

async function versionSaid(path: string): Promise<string | undefined> {
  for (const flag of FLAGS) {
    // A tool that does not know the flag may print numbers too, with its complaint.
    const { stdout, stderr } = await run(path, [flag]).catch(() => ({ stdout: '', stderr: '' }));
    const [, named, dotted] = VERSION.exec(`${stdout}\n${stderr}`) ?? [];
    const version = named ?? dotted;
    if (version !== undefined) return version;
  }
  return undefined;
}

import { closeSync, openSync, readSync, realpathSync, statSync } from 'node:fs';
import { Dock0Error } from '../error';
import { writeAtomically } from '../system/atomic-write';
import { findTool } from '../system/find-tool';
import { isText, mapOf, readKeptJson, withKeys } from '../system/kept-json';
import { run } from '../system/process';
import { hashFile } from './hash-index';

/**
 * Asks tools for their version, and remembers the answer as long as the program file stays the same. A script may start
 * another program, so it is asked once by every process.
 */
export interface ToolVersions {
  /**
   * The version a tool says it has.
   *
   * @throws Dock0Error when there is no such tool
   */
  version: (name: string) => Promise<string>;
  save: () => void;
}

// busybox says its version only in its help.
const FLAGS = ['--version', '-version', '-V', '--help'];
const VERSION = /\bversion v?(\d[\w.+~-]*)|\bv?(\d+(?:\.\d+)+[\w.+~-]*)/i;

const KNOWN = mapOf(withKeys({ key: isText, version: isText }));

/** Opens the memory kept in `file`. */
export function openToolVersions(file: string): ToolVersions {
  const known = readKeptJson<Record<string, { key: string; version: string }>>(file, KNOWN) ?? {};
  const asked = new Map<string, Promise<string>>();
  let changed = false;
  const ask = async (name: string): Promise<string> => {
    const path = findTool(name);
    if (path === undefined) {
      throw new Dock0Error(`${name} is not installed`, {
        hint: '`gulp setup` installs what the configuration needs.',
      });
    }
    const stat = statSync(path);
    const key = `${realpathSync(path)} ${stat.size} ${stat.mtimeMs} ${stat.ctimeMs} ${stat.ino}`;
    if (isElf(path) && known[name]?.key === key) return known[name].version;
    const version = (await versionSaid(path)) ?? `sha256 ${hashFile(path).slice(0, 12)}`;
    known[name] = { key, version };
    changed = true;
    return version;
  };
  return {
    version: (name) => {
      const answer = asked.get(name) ?? ask(name);
      asked.set(name, answer);
      return answer;
    },
    save: () => {
      if (!changed) return;
      writeAtomically(file, JSON.stringify(known));
      changed = false;
    },
  };
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

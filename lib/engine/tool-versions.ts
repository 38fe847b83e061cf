import { realpathSync, statSync } from 'node:fs';
import { Dock0Error } from '../error';
import { writeAtomically } from '../system/atomic-write';
import { findTool } from '../system/find-tool';
import { readKeptJson } from '../system/kept-json';
import { run } from '../system/process';
import { hashFile } from './hash-index';

/** Asks tools for their version, and remembers the answer as long as the program file stays the same. */
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

/** Opens the memory kept in `file`. */
export function openToolVersions(file: string): ToolVersions {
  const known = readKeptJson<Record<string, { key: string; version: string }>>(file) ?? {};
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
    const key = `${realpathSync(path)} ${stat.size} ${stat.mtimeMs} ${stat.ino}`;
    if (known[name]?.key === key) return known[name].version;
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

import { spawnSync } from 'node:child_process';
import { environmentFor } from './environment';
import { findTool } from './find-tool';

/** What the dynamic linker knows of libraries: it changes with each that is installed (ldconfig(8)). */
export const LINKER_CACHE = '/etc/ld.so.cache';

/**
 * The path of a library that a program is linked with, as the dynamic linker finds it. A link, mostly: the name of the file
 * has the version (`libzstd.so.1.5.4`).
 *
 * @param library without suffix: `libzstd`
 * @returns undefined for a program that has it built in, or that is a script
 */
export function libraryOf(program: string, library: string): string | undefined {
  const path = findTool(program);
  if (path === undefined) return undefined;
  // With it, the linker lists what it would load, and starts nothing.
  const env = environmentFor({ LD_TRACE_LOADED_OBJECTS: '1' });
  const { stdout } = spawnSync(path, ['-version'], { encoding: 'utf8', env });
  for (const [, name = '', found = ''] of (stdout ?? '').matchAll(/^\s*(\S+) => (\/\S+) \(/gm))
    if (name.startsWith(`${library}.so`)) return found;
  return undefined;
}

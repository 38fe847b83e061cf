import { realpathSync } from 'node:fs';
import { basename } from 'node:path';
import { findTool } from './find-tool';
import { run } from './process';

/**
 * The file of a library that a program is linked with, as the dynamic linker finds it: its name has the version
 * (`libzstd.so.1.5.4`).
 *
 * @param library without suffix: `libzstd`
 * @returns undefined for a program that has it built in, or that is a script
 */
export async function libraryOf(program: string, library: string): Promise<string | undefined> {
  const path = findTool(program);
  if (path === undefined) return undefined;
  // With it, the linker lists what it would load, and starts nothing.
  const args = ['LD_TRACE_LOADED_OBJECTS=1', path, '-version'];
  const { stdout } = await run('env', args).catch(() => ({ stdout: '' }));
  for (const [, name = '', found = ''] of stdout.matchAll(/^\s*(\S+) => (\/\S+) \(/gm))
    if (name.startsWith(`${library}.so`)) return basename(realpathSync(found));
  return undefined;
}

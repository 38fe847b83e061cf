import { accessSync, constants, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Dock0Error } from '../error';
import { CommandError } from '../system/process';
import type { Work } from './work';

/** One change to the source tree. */
export interface Patch {
  path: string;
  /** As it is called in messages and in the fingerprint. */
  name: string;
  /** Run in the tree instead of being applied by patch(1). */
  program: boolean;
}

/** A listed patch, or what a listed folder holds, in name order: `*.patch` and `*.diff`, and executables. */
export function listPatches(paths: readonly string[]): Patch[] {
  return paths.flatMap((path) => {
    if (!statSync(path).isDirectory()) return [patchAt(path, basename(path))];
    return readdirSync(path)
      .sort()
      .filter((name) => !name.startsWith('.') && statSync(join(path, name)).isFile())
      .map((name) => patchAt(join(path, name), `${basename(path)}/${name}`))
      .filter(({ name, program }) => program || /\.(patch|diff)$/.test(name));
  });
}

function patchAt(path: string, name: string): Patch {
  // A diff that happens to be executable is a diff.
  return { path, name, program: !/\.(patch|diff)$/.test(name) && isExecutable(path) };
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return (
      readFileSync(path).subarray(0, 2).toString() === '#!' ||
      readFileSync(path).readUInt32BE(0) === 0x7f454c46
    );
  } catch {
    return false;
  }
}

/**
 * Applies the patches to a tree, in order: unified diffs with patch(1), programs by running them in the tree. The
 * tree is a copy that is thrown away when one fails, so a patch is applied whole or not at all.
 *
 * @throws Dock0Error that names the patch, the file and the hunk that failed, or the program and what it printed
 */
export async function applyPatches(patches: readonly Patch[], tree: string, work: Work): Promise<void> {
  for (const [index, patch] of patches.entries()) {
    work.progress(index, patches.length, `patch ${patch.name}`);
    if (patch.program) await runProgram(patch, tree, work);
    else await applyDiff(patch, tree, work);
  }
}

async function runProgram(patch: Patch, tree: string, work: Work): Promise<void> {
  try {
    await work.run(patch.path, [], { cwd: tree });
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    throw new Dock0Error(
      `kernel.patches: ${patch.name} failed with exit code ${error.code}\n${error.output}`,
    );
  }
}

async function applyDiff(patch: Patch, tree: string, work: Work): Promise<void> {
  const flags = ['--strip=1', '--forward', '--batch', '--no-backup-if-mismatch', '--reject-file=-'];
  const result = await work.run('patch', [...flags, '--input', patch.path], {
    cwd: tree,
    env: { LC_ALL: 'C' },
    okCodes: [0, 1, 2],
  });
  if (result.code === 0) return;
  throw new Dock0Error(
    `kernel.patches: ${patch.name} does not apply: ${failedHunks(`${result.stdout}\n${result.stderr}`)}`,
    {
      hint: 'It was made for another version of the source, or an earlier patch changes the same lines. Nothing of it was applied.',
    },
  );
}

/** From patch(1)'s output: which hunks of which files failed. */
export function failedHunks(output: string): string {
  const failed: string[] = [];
  let file = '';
  for (const line of output.split('\n')) {
    file = /^(?:checking|patching) file (.*)$/.exec(line)?.[1]?.replace(/^'(.*)'$/, '$1') ?? file;
    const hunk = /^Hunk #(\d+) FAILED at (\d+)/.exec(line);
    if (hunk !== null) failed.push(`${file}, hunk ${hunk[1]} (line ${hunk[2]})`);
    if (/^Reversed \(or previously applied\) patch detected/.test(line))
      failed.push(`${file} has the change already`);
    const absent = /^\|(?:---|\+\+\+) (\S+)/.exec(line)?.[1];
    if (absent !== undefined && absent !== '/dev/null')
      failed.push(`there is no ${absent.replace(/^[ab]\//, '')}`);
    if (/Only garbage was found in the patch input/.test(line)) failed.push('it is not a unified diff');
    const malformed = /malformed patch at line (\d+)/.exec(line)?.[1];
    if (malformed !== undefined) failed.push(`its line ${malformed} is malformed`);
  }
  return failed.length > 0 ? [...new Set(failed)].join('; ') : output.trim().split('\n').slice(-3).join('; ');
}

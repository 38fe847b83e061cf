import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { meant } from '../config/problems';
import { didYouMean } from '../config/suggest';
import { Dock0Error } from '../error';
import { inRoot } from '../root/path';
import { chroot } from '../system/chroot';
import type { OpenLayer } from '../system/layer';
import { CommandError } from '../system/process';

const PACMAN = ['pacman', '--remove', '--recursive', '--nosave', '--noconfirm', '--logfile', '/dev/null'];

/**
 * Removes packages from the open root, with their configuration.
 *
 * @returns the names of all that are gone: pacman removes what nobody needs any more along with them
 * @throws Dock0Error naming the package that can't be removed, and who needs it
 */
export async function removePackages(
  packages: readonly string[],
  { sandbox, root, path }: OpenLayer,
): Promise<string[]> {
  if (packages.length === 0) return [];
  const before = installed(path('/'));
  const debian = existsSync(inRoot(path('/'), '/var/lib/dpkg/status'));
  const command = debian ? ['dpkg', '--purge'] : PACMAN;
  try {
    await chroot(sandbox, root, [...command, '--', ...packages]);
  } catch (error) {
    throw error instanceof CommandError ? refused(error, packages, before) : error;
  }
  const after = new Set(installed(path('/')));
  return before.filter((name) => !after.has(name));
}

/** What the package manager's refusal comes to. */
export function refused(
  error: CommandError,
  packages: readonly string[],
  installed: readonly string[],
): Dock0Error {
  const { output } = error;
  const needed = [...needing(output)].map(([name, by]) => {
    const shown = by.length > 5 ? [...by.slice(0, 5), 'more'] : by;
    const [last = '', ...rest] = shown.reverse();
    const who = rest.length === 0 ? `${last} needs it` : `${rest.reverse().join(', ')} and ${last} need it`;
    return `${name} can't be removed: ${who}`;
  });
  const absent = [...output.matchAll(/^error: target not found: (\S+)/gm)].map(
    ([, name = '']) => `${name} is not installed${meant(didYouMean(name, installed))}`,
  );
  const essential = [
    ...output.matchAll(/^dpkg: error processing package (\S+) \(--purge\):\n this is an essential/gm),
  ].map(([, name]) => `${name} can't be removed: it is essential`);
  const said = [...needed, ...absent, ...essential];
  if (said.length > 0) {
    const hint = needed.length > 0 ? 'Name what needs it as well, or keep it.' : undefined;
    return new Dock0Error(said.map((each) => `cleanup.packages: ${each}`).join('\n'), { hint, cause: error });
  }
  const end = output
    .split('\n')
    .slice(-8)
    .map((line) => `    ${line}`);
  return new Dock0Error([`cleanup.packages: ${packages.join(', ')} can't be removed`, ...end].join('\n'), {
    cause: error,
  });
}

/** Packages that can't be removed, and those that need each of them. */
function needing(output: string): Map<string, string[]> {
  const found = new Map<string, string[]>();
  const add = (name = '', by = ''): void => void found.set(name, [...(found.get(name) ?? []), by]);
  for (const [, name, by] of output.matchAll(
    /^:: removing (\S+) breaks dependency '\S+' required by (\S+)/gm,
  ))
    add(name, by);
  const blocks = /^dpkg: dependency problems prevent removal of ([^\s:]+)\S*:\n((?: .*\n?)+)/gm;
  for (const [, name, block = ''] of output.matchAll(blocks))
    for (const [, by] of block.matchAll(/^ ([^\s:]+)\S* (?:pre-)?depends on /gm)) add(name, by);
  return found;
}

/** The names of the packages that a root's own database has, sorted. */
function installed(root: string): string[] {
  const status = inRoot(root, '/var/lib/dpkg/status');
  if (existsSync(status)) {
    return readFileSync(status, 'utf8')
      .split('\n\n')
      .filter((entry) => /^Status: \S+ \S+ installed$/m.test(entry))
      .map((entry) => /^Package: (\S+)$/m.exec(entry)?.[1] ?? '')
      .sort();
  }
  const local = inRoot(root, '/var/lib/pacman/local');
  if (!existsSync(local)) return [];
  // Neither a version nor a release has a dash in it.
  return readdirSync(local)
    .flatMap((name) => /^(.+)-[^-]+-[^-]+$/.exec(name)?.[1] ?? [])
    .sort();
}

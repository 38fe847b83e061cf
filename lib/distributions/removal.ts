import { meant } from '../config/problems';
import { didYouMean } from '../config/suggest';
import { Dock0Error } from '../error';
import { chroot } from '../system/chroot';
import type { OpenLayer } from '../system/layer';
import { CommandError } from '../system/process';
import type { Distribution, Removal } from './provider';

/**
 * Removes packages from the open root, with their configuration.
 *
 * @returns the names of all removed packages: some package managers also remove what nothing needs any longer
 * @throws Dock0Error naming the package that cannot be removed, and the packages that need it
 */
export async function removePackages(
  { removal }: Pick<Distribution, 'removal'>,
  packages: readonly string[],
  { sandbox, root, path }: OpenLayer,
): Promise<string[]> {
  // Without a way to remove packages, `platformOf` refuses to.
  if (packages.length === 0 || removal === undefined) return [];
  const before = removal.installed(path('/'));
  try {
    await chroot(sandbox, root, [...removal.command, '--', ...packages]);
  } catch (error) {
    throw error instanceof CommandError ? refused(removal, error, packages, before) : error;
  }
  const after = new Set(removal.installed(path('/')));
  return before.filter((each) => !after.has(each));
}

/** Says in a line for each package why it stays; shows what the package manager said when nothing in it is known. */
export function refused(
  { refusal }: Pick<Removal, 'refusal'>,
  cause: CommandError,
  packages: readonly string[],
  installed: readonly string[],
): Dock0Error {
  const { needed, absent, essential } = refusal(cause.output);
  const said = [
    ...[...needed].map(([name, by]) => `${name} cannot be removed: ${neededBy(by)}`),
    ...absent.map((name) => `${name} is not installed${meant(didYouMean(name, installed))}`),
    ...essential.map((name) => `${name} cannot be removed: it is essential`),
  ];
  if (said.length > 0) {
    const hint = needed.size > 0 ? 'Remove the packages that need it as well, or keep it.' : undefined;
    return new Dock0Error(said.map((each) => `cleanup.packages: ${each}`).join('\n'), { hint, cause });
  }
  const end = cause.output
    .split('\n')
    .slice(-8)
    .map((line) => `    ${line}`);
  const message = `cleanup.packages: ${packages.join(', ')} cannot be removed`;
  return new Dock0Error([message, ...end].join('\n'), { cause });
}

function neededBy(by: readonly string[]): string {
  const shown = by.length > 5 ? [...by.slice(0, 5), 'more'] : by;
  const last = shown.at(-1) ?? '';
  if (shown.length === 1) return `${last} needs it`;
  return `${shown.slice(0, -1).join(', ')} and ${last} need it`;
}

/** Package -> the packages that need it, out of pairs of both. */
export function neededPairs(
  pairs: Iterable<readonly [name: string, by: string]>,
): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const [name, by] of pairs) found.set(name, [...(found.get(name) ?? []), by]);
  return found;
}

import { didYouMean } from '../../config/suggest';
import { CommandError } from '../../system/process';
import { RefusedPackages } from '../refused';
import type { DatabaseEntry } from './database';

/** What an image requests. */
export interface PacmanRequest {
  /** Names, groups, or `repository/name`. */
  packages: readonly string[];
  /** Package files of the user's own, absolute. */
  local: readonly string[];
  /** The key of the configuration that requests it. */
  key: 'packages' | 'kernel.package';
}

/** The packages of repositories, by repository and name. */
type Entries = ReadonlyMap<string, ReadonlyMap<string, DatabaseEntry>>;

/**
 * Checks that no request is a mere name which several packages provide: pacman would take the first one, without a word.
 *
 * @throws RefusedPackages naming the packages
 */
export function checkProvided({ packages, key }: PacmanRequest, entries: Entries): void {
  const all = allOf(entries);
  const real = new Set(all.flatMap(({ name, groups }) => [name, ...groups]));
  const refused = new Map<string, string>();
  for (const stated of packages) {
    const name = bareName(stated);
    if (stated.includes('/') || real.has(name)) continue;
    const providers = new Set(
      all.filter((entry) => provided(entry).includes(name)).map((entry) => entry.name),
    );
    if (providers.size > 1)
      refused.set(
        stated,
        `"${name}" is no package but what several provide: name one of ${[...providers].sort().join(', ')}`,
      );
  }
  if (refused.size > 0) throw new RefusedPackages(refused, { hint: `Correct \`${key}\`.` });
}

/** What pacman does not know of a request, with suggestions; undefined for other failures. */
export function unknownPackages(
  error: unknown,
  entries: Entries,
  { packages, key }: PacmanRequest,
): RefusedPackages | undefined {
  if (!(error instanceof CommandError)) return undefined;
  const matches = (pattern: RegExp): string[] =>
    [...error.output.matchAll(pattern)].map(([, name = '']) => name);
  const unknown = matches(/^error: target not found: (\S+)/gm);
  const absent = matches(/^error: database not found: (\S+)/gm);
  if (unknown.length + absent.length === 0) return undefined;
  const repositories = [...entries.keys()];
  const names = new Set(allOf(entries).flatMap((entry) => [entry.name, ...entry.groups, ...provided(entry)]));
  const said = new Map<string, string>();
  for (const name of absent) {
    const stated = packages.find((each) => each.startsWith(`${name}/`)) ?? name;
    said.set(stated, `no repository "${name}"${meant(name, repositories)}`);
  }
  for (const name of unknown) {
    const suggestion = meant(name.slice(name.indexOf('/') + 1), names);
    said.set(name, `no package or group "${name}" in ${repositories.join(', ')}${suggestion}`);
  }
  return new RefusedPackages(said, {
    hint: `Correct \`${key}\`; \`gulp update\` fetches newer lists.`,
    cause: error,
  });
}

function allOf(entries: Entries): DatabaseEntry[] {
  return [...entries.values()].flatMap((some) => [...some.values()]);
}

function provided({ provides }: DatabaseEntry): string[] {
  return provides.map((text) => text.replace(/[<>=].*/, ''));
}

/** `docker>=25` -> `docker` */
function bareName(stated: string): string {
  return stated.replace(/[<>=].*/, '');
}

function meant(name: string, candidates: Iterable<string>): string {
  const near = didYouMean(name, candidates);
  return near === undefined || near === name ? '' : `; did you mean "${near}"?`;
}

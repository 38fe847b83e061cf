import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Dock0Error } from '../../error';
import { writeAtomically } from '../../system/atomic-write';
import { readKeptJson } from '../../system/kept-json';
import { CommandError, run } from '../../system/process';
import type { ResolvedPackage } from '../package';
import { type Compare, type Conflict, conflictError, withoutConflicts } from './conflicts';
import type { DatabaseEntry } from './database';
import { databaseWith, entriesOf } from './databases';
import { explained } from './problems';
import { LOCAL } from './repositories';
import { checkProvided, type PacmanRequest, unknownPackages } from './requests';
import type { PacmanState, StateContext } from './state';

const RESOLVER = 3;

/**
 * Resolves a request; the packages, dependencies included, are sorted by name. The answer is cached as long as the
 * databases stay the same, since every build needs it.
 *
 * @param keep packages whose version is to stay, as far as the others allow it
 * @throws Dock0Error for unknown packages (each with a suggestion), unmet dependencies or conflicts
 */
export async function resolvePackages(
  state: PacmanState,
  request: PacmanRequest,
  context: StateContext,
  keep: readonly ResolvedPackage[] = [],
): Promise<ResolvedPackage[]> {
  await state.ensure(context);
  const stamps = request.local.map((file) => [file, stampOf(file)]);
  const answer = (): string =>
    join(
      state.folder,
      'resolved',
      `${digest([RESOLVER, request.packages, stamps, state.fetched(), keep])}.json`,
    );
  const known = read(answer());
  if (known !== undefined) return known;
  return state.reading(context, async () => {
    const file = answer();
    const resolved = await resolveAnew(state, request, context, keep);
    writeAtomically(file, JSON.stringify(resolved));
    return resolved;
  });
}

async function resolveAnew(
  state: PacmanState,
  request: PacmanRequest,
  context: StateContext,
  keep: readonly ResolvedPackage[],
): Promise<ResolvedPackage[]> {
  const snapshot = state.snapshot();
  const earlier = new Map(keep.map((each) => [`${each.name}=${each.version}`, each]));
  const chosen = await chooseKeeping(state, request, keep, context);
  const resolved = chosen.map(({ repository, entry: { name, version, arch, sha256, bytes, file: path } }) => {
    const kept = earlier.get(`${name}=${version}`);
    if (kept?.sha256 === sha256) return kept;
    return { name, version, arch, repository, path, sha256, bytes, snapshot };
  });
  return resolved.sort((a, b) => (a.name < b.name ? -1 : 1));
}

interface Chosen {
  repository: string;
  entry: DatabaseEntry;
}

/** Keeps as many versions as possible: of those that conflict with the request, as few as possible are given up. */
async function chooseKeeping(
  state: PacmanState,
  request: PacmanRequest,
  keep: readonly ResolvedPackage[],
  context: StateContext,
): Promise<Chosen[]> {
  const compare = comparing(context);
  let kept = keep.filter(({ repository }) => repository !== LOCAL);
  for (;;) {
    const names = new Set(kept.map(({ name }) => name));
    let blamed: Set<string>;
    let problem: unknown;
    try {
      const chosen = await choose(state, request, kept, context);
      const entries = chosen.map(({ entry }) => entry);
      const { dropped, conflict } = await withoutConflicts(entries, compare);
      if (conflict === undefined) return chosen.filter(({ entry }) => !dropped.has(entry));
      blamed = partiesOf(conflict, names);
      problem = await conflictError(conflict, entries, request.packages, compare);
    } catch (error) {
      blamed = culprits(error, names);
      problem = error;
    }
    if (blamed.size === 0) throw problem;
    kept = kept.filter(({ name }) => !blamed.has(name));
  }
}

function partiesOf({ one, other }: Conflict, kept: ReadonlySet<string>): Set<string> {
  return new Set([one.name, other.name].filter((name) => kept.has(name)));
}

/** Compares versions with pacman's own program; few conflicts have a version. */
function comparing({ signal }: StateContext): Compare {
  return async (a, b) => Number((await run('vercmp', [a, b], { signal })).stdout);
}

async function choose(
  state: PacmanState,
  request: PacmanRequest,
  kept: readonly ResolvedPackage[],
  context: StateContext,
): Promise<Chosen[]> {
  const { database, repositories, names } = await databaseWith(state, request.local, kept, context);
  const entries = await entriesOf(repositories, database, context);
  const targets = [...request.packages, ...names.map((name) => `${LOCAL}/${name}`)];
  if (targets.length === 0) {
    // pacman has no essential packages.
    throw new Dock0Error(`${request.key} is empty, and an Arch image has no packages of its own`, {
      hint: 'Add at least one package, such as base.',
    });
  }
  checkProvided(request, entries);
  try {
    const args = ['--sync', '--print', '--print-format', 'dock0 %r %n', ...targets];
    const stdout = await state.pacmanAt(database, args, context, repositories);
    return [...stdout.matchAll(/^dock0 (\S+) (\S+)$/gm)].map(([, repository = '', name = '']) => {
      const entry = entries.get(repository)?.get(name);
      if (entry !== undefined) return { repository, entry };
      throw new Dock0Error(`the package list of ${repository} does not have ${name}`);
    });
  } catch (error) {
    throw (
      unknownPackages(error, entries, request) ??
      explained(error, 'the packages cannot be installed together')
    );
  }
}

/**
 * The kept packages that pacman's complaint is about: those that others need in another version, else those that need
 * them. `unable to satisfy dependency 'libfoo>=2' required by docker`
 */
function culprits(error: unknown, kept: ReadonlySet<string>): Set<string> {
  if (!(error instanceof Dock0Error) || !(error.cause instanceof CommandError)) return new Set();
  const { output } = error.cause;
  const needs = [
    ...output.matchAll(/unable to satisfy dependency '([^'<>=]+)\S*' required by (\S+)/g),
    ...output.matchAll(/cannot resolve "([^"<>=]+)[^"]*", a dependency of "([^"]+)"/g),
  ];
  const targets = needs.map(([, name = '']) => name);
  const found = targets.filter((name) => kept.has(name));
  const sources = needs.map(([, , name = '']) => name).filter((name) => kept.has(name));
  return new Set(found.length > 0 ? found : sources);
}

function stampOf(file: string): string {
  const stat = statSync(file, { throwIfNoEntry: false });
  if (stat === undefined)
    throw new Dock0Error(`pacman.local_packages: ${basename(file)}: no such file (${file})`);
  return `${stat.size} ${stat.mtimeMs} ${stat.ino}`;
}

function digest(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 24);
}

function read(file: string): ResolvedPackage[] | undefined {
  const kept = readKeptJson(file);
  return Array.isArray(kept) ? kept : undefined;
}

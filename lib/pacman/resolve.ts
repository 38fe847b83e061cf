import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { mkdir, rename, rm, symlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { didYouMean } from '../config/suggest';
import { Dock0Error } from '../error';
import { CommandError, run } from '../system/process';
import { type DatabaseEntry, readDatabase } from './database';
import { type PackageFile, packageInfo, sha256Of, writeDatabase } from './description';
import { explained } from './problems';
import { LOCAL, LOCAL_REPOSITORY, type Repository } from './repositories';
import type { PacmanState, StateContext } from './state';

/** A package, exactly, and where its file is. */
export interface PacmanPackage {
  name: string;
  version: string;
  arch: string;
  repository: string;
  sha256: string;
  bytes: number;
  /** Below the downloads folder: `<repository>/<file name>`. */
  file: string;
}

/** What an image is to have. */
export interface PacmanRequest {
  /** Names, groups, or `repository/name`. */
  packages: readonly string[];
  /** Package files of the user's own, absolute. */
  local: readonly string[];
}

const RESOLVER = 1;

/**
 * The packages a request comes to, dependencies included, sorted by name. The answer is kept as long as the databases
 * stay the same, since every build asks.
 *
 * @throws Dock0Error for unknown packages (each with a suggestion), unmet dependencies or conflicts
 */
export async function resolvePackages(
  state: PacmanState,
  request: PacmanRequest,
  context: StateContext,
): Promise<PacmanPackage[]> {
  await state.ensure(context);
  const stamps = request.local.map((file) => [file, stampOf(file)]);
  const key = digest([RESOLVER, request.packages, stamps, state.fetched()]);
  const file = join(state.folder, 'resolved', `${key}.json`);
  const known = read(file);
  if (known !== undefined) return known;
  const { database, more, names } = await databaseWith(state, request.local, context);
  const entries = await entriesOf([...more, ...state.repositories], database, context);
  const targets = [...request.packages, ...names.map((name) => `${LOCAL}/${name}`)];
  const chosen = await choose(state, database, more, targets, entries, context);
  const resolved = chosen.map(({ repository, name }) => {
    const entry = entries.get(repository)?.get(name);
    if (entry === undefined)
      throw new Dock0Error(`the package list of ${repository} says nothing of ${name}`);
    const { version, arch, sha256, bytes } = entry;
    return { name, version, arch, repository, sha256, bytes, file: `${repository}/${entry.file}` };
  });
  resolved.sort((a, b) => (a.name < b.name ? -1 : 1));
  await mkdir(dirname(file), { recursive: true });
  writeFileSync(`${file}.${process.pid}`, JSON.stringify(resolved));
  renameSync(`${file}.${process.pid}`, file);
  return resolved;
}

/** The packages of every repository, by name. */
export async function entriesOf(
  repositories: readonly Repository[],
  database: string,
  { signal }: StateContext,
): Promise<Map<string, Map<string, DatabaseEntry>>> {
  const all = new Map<string, Map<string, DatabaseEntry>>();
  for (const { name } of repositories) {
    const file = join(database, 'sync', `${name}.db`);
    const entries = await readDatabase(file, (command, args, options) =>
      run(command, args, { signal, ...options }),
    );
    all.set(name, new Map(entries.map((entry) => [entry.name, entry])));
  }
  return all;
}

interface WithLocal {
  /** The folder with the databases (a DBPath). */
  database: string;
  /** The repository of the local packages, if there are any, and their names. */
  more: Repository[];
  names: string[];
}

/** The databases, with one of the local package files beside them. */
async function databaseWith(
  state: PacmanState,
  local: readonly string[],
  { signal }: StateContext,
): Promise<WithLocal> {
  const fetched = join(state.folder, 'database');
  if (local.length === 0) return { database: fetched, more: [], names: [] };
  const runner = (command: string, args: readonly string[]) => run(command, args, { signal });
  const packages: PackageFile[] = [];
  for (const path of local)
    packages.push({ path, info: await packageInfo(path, runner), sha256: await sha256Of(path) });
  const names = packages.map(({ info }) => info.get('pkgname')?.[0] ?? '');
  const more = [{ ...LOCAL_REPOSITORY, sigLevel: `${LOCAL_REPOSITORY.sigLevel} DatabaseNever` }];
  const database = join(
    state.folder,
    `with-${digest([state.fetched(), packages.map(({ sha256 }) => sha256)])}`,
  );
  if (existsSync(database)) return { database, more, names };
  const work = `${database}.${process.pid}`;
  await rm(work, { recursive: true, force: true });
  await mkdir(join(work, 'sync'), { recursive: true });
  await mkdir(join(work, 'local'));
  for (const { name } of state.repositories) {
    for (const file of [`${name}.db`, `${name}.db.sig`]) {
      if (existsSync(join(fetched, 'sync', file)))
        await symlink(join(fetched, 'sync', file), join(work, 'sync', file));
    }
  }
  await writeDatabase(join(work, 'sync', `${LOCAL}.db`), packages, join(work, 'content'), runner);
  await rm(join(work, 'content'), { recursive: true });
  await rename(work, database);
  return { database, more, names };
}

async function choose(
  state: PacmanState,
  database: string,
  more: readonly Repository[],
  targets: readonly string[],
  entries: Map<string, Map<string, DatabaseEntry>>,
  context: StateContext,
): Promise<{ repository: string; name: string }[]> {
  try {
    const args = ['--sync', '--print', '--print-format', 'dock0 %r %n', ...targets];
    const stdout = await state.pacmanAt(database, args, context, more);
    return [...stdout.matchAll(/^dock0 (\S+) (\S+)$/gm)].map(([, repository = '', name = '']) => ({
      repository,
      name,
    }));
  } catch (error) {
    throw unknownPackages(error, entries) ?? explained(error, "the packages can't be installed together");
  }
}

function unknownPackages(
  error: unknown,
  entries: Map<string, Map<string, DatabaseEntry>>,
): Dock0Error | undefined {
  if (!(error instanceof CommandError)) return undefined;
  const unknown = [...error.output.matchAll(/^error: target not found: (\S+)/gm)].map(
    ([, name = '']) => name,
  );
  const absent = [...error.output.matchAll(/^error: database not found: (\S+)/gm)].map(
    ([, name = '']) => name,
  );
  if (unknown.length === 0 && absent.length === 0) return undefined;
  const repositories = [...entries.keys()];
  const all = [...entries.values()].flatMap((some) => [...some.values()]);
  const names = new Set(all.flatMap(({ name, groups, provides }) => [name, ...groups, ...provides]));
  const said = [
    ...absent.map((name) => `no repository "${name}"${meant(name, repositories)}`),
    ...unknown.map((name) => {
      const bare = name.slice(name.indexOf('/') + 1);
      return `no package or group "${name}" in ${repositories.join(', ')}${meant(bare, names)}`;
    }),
  ];
  return new Dock0Error(said.join('\n'), {
    hint: 'Correct `packages`; `gulp update` fetches newer lists.',
    cause: error,
  });
}

function meant(name: string, candidates: Iterable<string>): string {
  const near = didYouMean(name, candidates);
  return near === undefined || near === name ? '' : `; did you mean "${near}"?`;
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

function read(file: string): PacmanPackage[] | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

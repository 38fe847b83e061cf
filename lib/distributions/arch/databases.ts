import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm, symlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { guard } from '../../system/guard';
import { run } from '../../system/process';
import type { Runner } from '../../system/sandbox';
import type { ResolvedPackage } from '../package';
import { type DatabaseEntry, readDatabase } from './database';
import { type PackageFile, packageInfo, sha256Of, writeDatabase } from './description';
import { downloadPackages, packageFiles } from './download';
import { LOCAL, LOCAL_REPOSITORY, type Repository } from './repositories';
import type { PacmanState, StateContext } from './state';

/** The databases that pacman is to choose from. */
export interface Databases {
  /** The folder with them (a DBPath). */
  database: string;
  repositories: Repository[];
  /** The names of the local packages. */
  names: string[];
}

/** The packages of every repository, by name. */
export async function entriesOf(
  repositories: readonly Repository[],
  database: string,
  context: StateContext,
): Promise<Map<string, Map<string, DatabaseEntry>>> {
  const all = new Map<string, Map<string, DatabaseEntry>>();
  for (const { name } of repositories) {
    const entries = await readDatabase(join(database, 'sync', `${name}.db`), runnerOf(context));
    all.set(name, new Map(entries.map((entry) => [entry.name, entry])));
  }
  return all;
}

/**
 * The databases as they were fetched, plus one for the local package files, with kept versions of packages in place of
 * the newest.
 *
 * @param kept their files are downloaded when nothing else says what they depend on
 * @throws Dock0Error when such a file is unavailable
 */
export async function databaseWith(
  state: PacmanState,
  local: readonly string[],
  kept: readonly ResolvedPackage[],
  context: StateContext,
): Promise<Databases> {
  const fetched = join(state.folder, 'database');
  const known = kept.length === 0 ? new Map() : await entriesOf(state.repositories, fetched, context);
  const changed = kept.filter(
    ({ name, repository, sha256 }) =>
      known.has(repository) && known.get(repository)?.get(name)?.sha256 !== sha256,
  );
  const repositories = [...state.repositories];
  if (local.length + changed.length === 0) return { database: fetched, repositories, names: [] };

  const run = runnerOf(context);
  const packages: PackageFile[] = [];
  for (const path of local)
    packages.push({ path, info: await packageInfo(path, run), sha256: await sha256Of(path) });
  const names = packages.map(({ info }) => info.get('pkgname')?.[0] ?? '');
  const identity = [
    state.fetched(),
    packages.map(({ sha256 }) => sha256),
    changed.map(({ sha256 }) => sha256),
  ];
  const database = join(
    state.folder,
    `with-${createHash('sha256').update(JSON.stringify(identity)).digest('hex').slice(0, 24)}`,
  );
  const ours = new Set(changed.map(({ repository }) => repository));
  // A database that is written here is unsigned; the signature of the fetched one was checked.
  const unsigned = (each: Repository): Repository => ({
    ...each,
    sigLevel: `${each.sigLevel} DatabaseNever`,
  });
  const all = {
    database,
    repositories: [
      ...(local.length > 0 ? [unsigned(LOCAL_REPOSITORY)] : []),
      ...repositories.map((each) => (ours.has(each.name) ? unsigned(each) : each)),
    ],
    names,
  };
  if (existsSync(database)) return all;

  const work = `${database}.${process.pid}`;
  const held = await guard(join(state.locks, `pacman-${basename(database)}.lock`), {
    remove: [work],
    signal: context.signal,
    onWait: () => context.log('waiting for another build that writes the same package lists'),
  });
  try {
    if (!existsSync(database)) {
      await rm(work, { recursive: true, force: true });
      await writeDatabases(state, all, { fetched, work, packages, changed }, { ...context, run });
      // The first pacman writes the version of its own database: two of them at once find it empty, and fail.
      await state.pacmanAt(work, ['-Sl', all.repositories[0]?.name ?? LOCAL], context, all.repositories);
      await rename(work, database);
    }
  } finally {
    await held.release();
  }
  return all;
}

/** Writes the databases of repositories into `work`: as they were fetched, or with kept packages in them. */
async function writeDatabases(
  state: PacmanState,
  { repositories }: Databases,
  {
    fetched,
    work,
    packages,
    changed,
  }: { fetched: string; work: string; packages: PackageFile[]; changed: readonly ResolvedPackage[] },
  context: StateContext & { run: Runner },
): Promise<void> {
  const { run } = context;
  await mkdir(join(work, 'sync'), { recursive: true });
  await mkdir(join(work, 'local'));
  if (changed.length > 0) await downloadPackages(state, changed, [], context);
  const files = await packageFiles(state, changed, run);
  for (const { name } of repositories) {
    const from = join(fetched, 'sync', `${name}.db`);
    const to = join(work, 'sync', `${name}.db`);
    const own = [...files].filter(([{ repository }]) => repository === name).map(([, file]) => file);
    const content = join(work, `content-${name}`);
    if (name === LOCAL) await writeDatabase(to, packages, content, run);
    else if (own.length > 0) await writeDatabase(to, own, content, run, from);
    else {
      await symlink(from, to);
      if (existsSync(`${from}.sig`)) await symlink(`${from}.sig`, `${to}.sig`);
    }
    await rm(content, { recursive: true, force: true });
  }
}

function runnerOf({ signal }: StateContext): Runner {
  return (command, args, options) => run(command, args, { signal, ...options });
}

import { createHash, randomUUID } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../../config/schema';
import { Dock0Error, messageOf } from '../../error';
import { type Guard, type GuardOptions, guard } from '../../system/guard';
import { CommandError, run } from '../../system/process';
import { type Runner, withSandbox } from '../../system/sandbox';
import { pacmanConf } from './conf';
import { fetchAll } from './fetch';
import { keyringDigest, keyringFor } from './keyring';
import { newestKeyring } from './newest-keyring';
import { explained } from './problems';
import { type Repository, repositoriesOf } from './repositories';
import { copyKeyring } from './signatures';

/** A pacman of the build's own: databases, keyring and package files in the cache, the host's are not touched. */
export interface PacmanState {
  repositories: readonly Repository[];
  /** Folder with what is derived from these repositories; `database/` in it is pacman's DBPath. */
  folder: string;
  /** Where downloaded packages lie: a folder for each repository. */
  downloads: string;
  /** Changes whenever the repositories' databases are fetched; undefined before the first time. */
  fetched: () => string | undefined;
  /** The day that the databases show the repositories as of. */
  snapshot: () => string;
  /** The folder of the cache's locks. */
  locks: string;
  /** Fetches the databases when there are none. */
  ensure: (context: StateContext) => Promise<void>;
  /** Fetches the databases; those that another build fetches meanwhile are as new. */
  refresh: (context: StateContext) => Promise<void>;
  /** Keeps the databases from being replaced for the time `use` takes. */
  reading: <T>(context: StateContext, use: () => Promise<T>) => Promise<T>;
  /** The keyring that packages are checked with. */
  keyring: (context: StateContext) => Promise<string>;
  /** What decides whose packages are taken: each repository's SigLevel, and the keys. */
  trust: () => { [what: string]: string };
  /**
   * Runs pacman, in a sandbox, with the databases below `database` (a DBPath) and gives what it printed.
   *
   * @param repositories the repositories there; default: the configured ones
   */
  pacmanAt: (
    database: string,
    args: readonly string[],
    context: StateContext,
    repositories?: readonly Repository[],
  ) => Promise<string>;
}

export interface StateContext {
  signal: AbortSignal;
  log: (line: string) => void;
}

/** What of the configuration decides which packages there are. */
export type StateSettings = Pick<Config, 'mirror' | 'pacman'>;

/** Opens the state for a configuration's repositories. Runs nothing. */
export function openState(settings: StateSettings, cache: string): PacmanState {
  const repositories = repositoriesOf(settings);
  const { pacman } = settings;
  const keys = [...pacman.keys, ...pacman.repositories.flatMap((repository) => repository.keys)];
  const identity = createHash('sha256')
    .update(JSON.stringify([repositories, pacman.sig_level]))
    .digest('hex');
  const folder = join(cache, 'pacman', identity.slice(0, 16));
  const stamp = join(folder, 'fetched');
  const runner =
    ({ signal }: StateContext): Runner =>
    (command, args, options) =>
      run(command, args, { signal, ...options });

  const trusted = { keys, distribution: true };
  const unchecked = repositories.every(({ sigLevel }) => /^\s*Never\s*$/.test(sigLevel));
  const noKeyring = join(folder, 'no-keyring');
  const keyringOfHost = async (context: StateContext): Promise<string> =>
    unchecked ? noKeyring : keyringFor(trusted, cache, runner(context), context.signal);

  const pacmanAt: PacmanState['pacmanAt'] = async (database, args, context, stated = repositories) => {
    // Of the databases Arch signs none, and the newest keyring is found by them.
    const whole = await keyringOfHost(context);
    const place = join(folder, 'private');
    await mkdir(place, { recursive: true });
    return withSandbox(runner(context), async (sandbox) => {
      // For this call alone: builds with other keys use the same databases at the same time.
      await sandbox.mount('tmpfs', place, 'tmpfs', 'mode=755');
      const root = join(place, 'root');
      await mkdir(sandbox.path(root));
      const lent = join(place, 'keyring');
      await copyKeyring(whole, lent, sandbox);
      const conf = join(place, 'pacman.conf');
      const text = pacmanConf({
        repositories: stated,
        sigLevel: pacman.sig_level,
        keyring: lent,
        packages: join(folder, 'packages'),
        log: '/dev/null',
        database,
      });
      await writeFile(sandbox.path(conf), text);
      const flags = ['--config', conf, '--root', root, '--noconfirm', '--color', 'never'];
      const result = await sandbox.run('pacman', [...args, ...flags], { env: { LC_ALL: 'C.UTF-8' } });
      return result.stdout;
    });
  };

  const locks = join(cache, 'locks');
  const guarded = ({ signal, log }: StateContext, options: GuardOptions): Promise<Guard> =>
    guard(join(locks, `pacman-${folder.slice(-16)}.lock`), {
      ...options,
      signal,
      onWait: () => log('waiting for another build that uses the package lists'),
    });

  const fetch = async (context: StateContext): Promise<void> => {
    const work = `${folder}.${process.pid}`;
    const before = fetched();
    const held = await guarded(context, { remove: [work] });
    try {
      if (fetched() !== before) return;
      const names = repositories.map(({ name }) => name).join(', ');
      context.log(`fetching the package lists of ${names}`);
      for (const below of ['sync', 'local']) await mkdir(join(work, 'database', below), { recursive: true });
      for (const repository of repositories) {
        await fetchDatabase(repository, join(work, 'database'), runner(context), context, async () => {
          await pacmanAt(join(work, 'database'), ['-Sl', repository.name], context);
        });
      }
      await mkdir(folder, { recursive: true });
      await rm(join(folder, 'database'), { recursive: true, force: true });
      await rename(join(work, 'database'), join(folder, 'database'));
      for (const name of await readdir(folder)) {
        // Made of the databases that were there.
        if (/^(with-|resolved$)/.test(name)) await rm(join(folder, name), { recursive: true });
      }
      await writeFile(stamp, randomUUID());
    } finally {
      await held.release();
    }
  };

  const fetched = (): string | undefined => (existsSync(stamp) ? readFileSync(stamp, 'utf8') : undefined);
  const state: PacmanState = {
    repositories,
    folder,
    downloads: join(cache, 'downloads', 'pacman'),
    locks,
    fetched,
    snapshot: () =>
      pacman.snapshot ??
      (statSync(stamp, { throwIfNoEntry: false })?.mtime ?? new Date()).toISOString().slice(0, 10),
    ensure: async (context) => {
      if (fetched() === undefined) await fetch(context);
    },
    refresh: fetch,
    trust: () => ({
      ...Object.fromEntries(repositories.map(({ name, sigLevel }) => [`SigLevel of ${name}`, sigLevel])),
      ...(unchecked ? {} : { keys: keyringDigest(trusted) }),
    }),
    reading: async (context, use) => {
      const held = await guarded(context, { shared: true });
      try {
        return await use();
      } finally {
        await held.release();
      }
    },
    keyring: async (context) =>
      unchecked ? noKeyring : newestKeyring(state, keys, cache, runner(context), context),
    pacmanAt,
  };
  return state;
}

/** Fetches `<name>.db` and its signature from the first mirror whose database `check` accepts. */
async function fetchDatabase(
  { name, servers, sigLevel }: Repository,
  database: string,
  run: Runner,
  context: StateContext,
  check: () => Promise<void>,
): Promise<void> {
  const to = join(database, 'sync', `${name}.db`);
  const reasons: string[] = [];
  let hint = 'Is there a network, and does `mirror` work?';
  const never = /(^|\s)(Database)?Never(\s|$)/.test(sigLevel);
  for (const server of servers) {
    for (const old of await readdir(join(database, 'sync'))) {
      if (old.startsWith(`${name}.db`)) await rm(join(database, 'sync', old));
    }
    const accept = async (): Promise<undefined> => undefined;
    const url = `${server}/${encodeURIComponent(name)}.db`;
    try {
      await fetchAll([{ name: `${name}.db`, urls: [url], to, check: accept }], { ...context, run });
      const signature = {
        name: `${name}.db.sig`,
        urls: [`${url}.sig`],
        to: `${to}.sig`,
        check: accept,
        optional: true,
      };
      if (!never) await fetchAll([signature], { ...context, run });
      await check();
      return;
    } catch (error) {
      context.signal.throwIfAborted();
      const told = explained(error, 'it is no package database');
      reasons.push(`${server}: ${databaseProblem(told)}`);
      // What pacman says of a database that came is not for the network to mend.
      if (error instanceof CommandError && told instanceof Dock0Error) hint = told.hint ?? hint;
    }
  }
  throw new Dock0Error(`the package list of ${name} can't be had (${reasons.join('; ')})`, { hint });
}

function databaseProblem(error: unknown): string {
  const message = messageOf(error);
  const answered = /\((?:\w+:\/\/\S+: |file:: )?(.*)\)$/.exec(message.split('\n')[0] ?? '')?.[1];
  return /can't be downloaded/.test(message) ? (answered ?? message) : (message.split('\n')[0] ?? message);
}

import { createHash, randomUUID } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BuildContext } from '../../build';
import { type Guard, type GuardOptions, guard } from '../../system/guard';
import { withPlainPaths } from '../../system/plain-paths';
import { run } from '../../system/process';
import { type Runner, withSandbox } from '../../system/sandbox';
import type { PackageSource } from '../provider';
import { pacmanConf } from './conf';
import { FOLDER } from './downloads';
import { fetchDatabase } from './fetch-database';
import { keyringDigest, keyringFor } from './keyring';
import { newestKeyring } from './newest-keyring';
import { type RepositorySettings, repositoriesOf } from './repositories';
import { copyKeyring } from './signatures';
import type { PacmanState, StateContext } from './state';

const STAMP = 'fetched';

/** Opens the state for a configuration's repositories. Runs nothing. */
export function openState(settings: RepositorySettings, cache: string): PacmanState {
  const repositories = repositoriesOf(settings);
  const { pacman } = settings;
  const keys = [...pacman.keys, ...pacman.repositories.flatMap((repository) => repository.keys)];
  const identity = createHash('sha256')
    .update(JSON.stringify([repositories, pacman.sig_level]))
    .digest('hex');
  const folder = join(cache, 'pacman', identity.slice(0, 16));
  // In the folder of the databases: both appear by one rename.
  const stamp = join(folder, 'database', STAMP);
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
    // Arch signs no database, and the newest keyring is found in them.
    const whole = await keyringOfHost(context);
    const place = join(folder, 'private');
    await mkdir(place, { recursive: true });
    return withSandbox(runner(context), async (sandbox) => {
      return withPlainPaths(sandbox, { place, database }, async (plain) => {
        // Private to this run: builds with other keys use the same databases at the same time.
        await sandbox.mount('tmpfs', plain.place, 'tmpfs', 'mode=755');
        const [root, lent, conf] = ['root', 'keyring', 'pacman.conf'].map(
          (name) => `${plain.place}/${name}`,
        ) as [string, string, string];
        await mkdir(sandbox.path(root));
        await copyKeyring(whole, lent, sandbox);
        const text = pacmanConf({
          repositories: stated,
          sigLevel: pacman.sig_level,
          keyring: lent,
          packages: `${plain.place}/packages`,
          log: '/dev/null',
          database: plain.database,
        });
        // The addresses of its servers may have passwords in them.
        await writeFile(sandbox.path(conf), text, { mode: 0o600 });
        const flags = ['--config', conf, '--root', root, '--noconfirm', '--color', 'never'];
        const result = await sandbox.run('pacman', [...args, ...flags], { env: { LC_ALL: 'C.UTF-8' } });
        return result.stdout;
      });
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
      // A process of this number may have lost its power in the middle.
      await rm(work, { recursive: true, force: true });
      for (const below of ['sync', 'local']) await mkdir(join(work, 'database', below), { recursive: true });
      for (const repository of repositories) {
        await fetchDatabase(repository, join(work, 'database'), runner(context), context, async () => {
          await pacmanAt(join(work, 'database'), ['-Sl', repository.name], context);
        });
      }
      await writeFile(join(work, 'database', STAMP), randomUUID());
      await mkdir(folder, { recursive: true });
      // Renamed, not removed: whoever is killed on the way must not leave a part of it. Between the two there are no
      // databases, which is what `ensure` fetches.
      if (existsSync(join(folder, 'database'))) await rename(join(folder, 'database'), join(work, 'old'));
      await rename(join(work, 'database'), join(folder, 'database'));
      for (const name of await readdir(folder)) {
        // Made from the old databases.
        if (/^(with-|resolved$)/.test(name)) await rm(join(folder, name), { recursive: true });
      }
    } finally {
      await held.release();
    }
  };

  const fetched = (): string | undefined => (existsSync(stamp) ? readFileSync(stamp, 'utf8') : undefined);
  const state: PacmanState = {
    repositories,
    folder,
    downloads: join(cache, 'downloads', FOLDER),
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

/** The private pacman of a configuration. */
export function stateOf({
  config,
  cache,
}: Pick<BuildContext, 'cache'> & Pick<PackageSource, 'config'>): PacmanState {
  return openState(config, cache);
}

import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Dock0Error, messageOf } from '../../error';
import { CommandError } from '../../system/process';
import type { Runner } from '../../system/sandbox';
import { fetchAll } from './fetch';
import { explained } from './problems';
import type { Repository } from './repositories';
import type { StateContext } from './state';

/** Fetches `<name>.db` and its signature from the first mirror whose database `check` accepts. */
export async function fetchDatabase(
  { name, servers, sigLevel }: Repository,
  database: string,
  run: Runner,
  context: StateContext,
  check: () => Promise<void>,
): Promise<void> {
  const to = join(database, 'sync', `${name}.db`);
  const reasons: string[] = [];
  let hint = 'Check the network connection and `mirror`.';
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
      const told = explained(error, 'not a package database');
      reasons.push(`${server}: ${databaseProblem(told)}`);
      // pacman's own complaint has a better hint than the network's.
      if (error instanceof CommandError && told instanceof Dock0Error) hint = told.hint ?? hint;
    }
  }
  throw new Dock0Error(`the package list of ${name} is unavailable (${reasons.join('; ')})`, { hint });
}

function databaseProblem(error: unknown): string {
  const message = messageOf(error);
  const answered = /\((?:\w+:\/\/\S+: |file:: )?(.*)\)$/.exec(message.split('\n')[0] ?? '')?.[1];
  return /can't be downloaded/.test(message) ? (answered ?? message) : (message.split('\n')[0] ?? message);
}

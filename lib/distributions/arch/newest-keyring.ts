import { statSync } from 'node:fs';
import { Dock0Error, messageOf } from '../../error';
import type { Runner } from '../../system/sandbox';
import { entriesOf } from './databases';
import { downloadOf, downloadPackages } from './download';
import { distributionKeys, keyringFor } from './keyring';
import type { PacmanState, StateContext } from './state';

/** Arch's keys as a package, and the repository that has it. */
const PACKAGE = 'archlinux-keyring';
const REPOSITORY = 'core';

/**
 * The keyring to check packages with: the host's keys of Arch and those of the mirror's `archlinux-keyring`, where
 * that package is signed by a trusted one of the host's. A stable distribution has the keys as of its release; newer
 * packages may be signed by keys that were extended or added since. When the newer keyring is unavailable, that is
 * logged, and only the host's keys are used.
 *
 * @param keys key files of the user's own
 */
export async function newestKeyring(
  state: PacmanState,
  keys: readonly string[],
  cache: string,
  run: Runner,
  context: StateContext,
): Promise<string> {
  const { signal, log } = context;
  const spec = { keys, distribution: true };
  const own = distributionKeys();
  const host = await keyringFor(spec, cache, run, signal);
  if (own === undefined) return host;
  try {
    return await keyringFor({ ...spec, newer: await packageOf(state, run, context) }, cache, run, signal);
  } catch (error) {
    if (!(error instanceof Dock0Error) || signal.aborted) throw error;
    const day = statSync(own).mtime.toISOString().slice(0, 10);
    log(`the mirror's ${PACKAGE} is not used (${messageOf(error)}); using this host's keys, as of ${day}`);
    return host;
  }
}

/** The package, downloaded; undefined where the repositories have none. */
async function packageOf(
  state: PacmanState,
  run: Runner,
  context: StateContext,
): Promise<{ file: string; sha256: string } | undefined> {
  await state.ensure(context);
  const repositories = state.repositories.filter(({ name }) => name === REPOSITORY);
  const entries = await state.reading(context, () =>
    entriesOf(repositories, `${state.folder}/database`, context),
  );
  const entry = entries.get(REPOSITORY)?.get(PACKAGE);
  if (entry === undefined) return undefined;
  const { name, version, arch, file: path, sha256, bytes } = entry;
  const found = {
    name,
    version,
    arch,
    repository: REPOSITORY,
    path,
    sha256,
    bytes,
    snapshot: state.snapshot(),
  };
  await downloadPackages(state, [found], [], { ...context, run, log: () => undefined });
  return { file: downloadOf(state, found), sha256 };
}

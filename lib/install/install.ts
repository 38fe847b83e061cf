import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { BuildRun, InputsOf } from '../build';
import { readContent } from '../engine/content';
import { type KnownFiles, knownFiles, type SharedFiles } from '../engine/known-files';
import type { Meta } from '../engine/step';
import { type Assembly, planRelease, writeRelease, writeSums } from '../release/assemble';
import { pruneReleases, releaseFolder, switchCurrent } from '../release/folder';
import { sumsOf, writeRecord } from '../release/record';
import { guard } from '../system/guard';
import type { installInputs } from './inputs';
import { TARGETS } from './targets';

type InstallRun = BuildRun<string, InputsOf<typeof installInputs>>;

/** Hosts that are built together link the same layers. */
const LAYERS: SharedFiles = new Map();

/**
 * Puts a release together in `releases/<id>/` of the build's output, with what its target adds, makes it the current
 * one and removes old ones. A release is either whole or not there.
 *
 * @returns the facts {release, sums}: its id, and what its checksums are
 */
export async function installRelease(context: InstallRun): Promise<Meta> {
  const { output, out, needs, signal, log, values } = context;
  const release = planRelease(values, needs);
  const known = knownFiles(LAYERS);
  const work = join(output, '.making');
  // In the output, which other builds may reach by another path or with another cache.
  const lock = `${work}.lock`;
  const held = await guard(lock, {
    remove: [work, lock],
    restore: { from: join(work, 'replaced'), to: releaseFolder(output, release.id) },
    signal,
    onWait: () => log('waiting for another build to install its release'),
  });
  let sums: string;
  try {
    // What a power cut left, when nobody was there to remove it.
    await rm(work, { recursive: true, force: true });
    mkdirSync(work, { recursive: true });
    sums = await install(release, work, context, known);
  } finally {
    await held.release();
  }
  for (const artifact of Object.values(needs)) {
    const files = known.below(artifact.path);
    if (Object.keys(files).length > 0) artifact.relinked(files);
  }
  writeFileSync(join(out, 'release'), `${release.id}\n`);
  if (values.loads.length > 0 && needs.kernel !== undefined) {
    const { unknownModules } = await import('./loads');
    for (const line of unknownModules(values.loads, needs.kernel.path)) log(`warning: ${line}`);
  }
  log(`release ${release.id}`);
  return { release: release.id, sums };
}

async function install(
  release: Assembly,
  work: string,
  context: InstallRun,
  known: KnownFiles,
): Promise<string> {
  const { values, output, cache, needs, log } = context;
  const { id, epoch } = release;
  const made = join(work, 'release');
  writeRelease(made, release, known);
  const added = await TARGETS[values.install.target].write(made, release, context, known);
  const hashed = added.map(({ path, sha256 = known.addNew(join(made, path), path) }) => ({ path, sha256 }));
  // What the target holds has the sums of the release; the release has those of the target's files too.
  if (added.length > 0) writeSums(made, [...release.files, ...hashed], epoch, known);
  known.confirm();
  const folder = releaseFolder(output, id);
  await replaceFolder(made, folder, join(work, 'replaced'), known);
  await switchCurrent(output, id, work);
  const { pruned, gone } = await pruneReleases(output, values.install.releases, work, known.remove);
  const artifacts = Object.values(needs).map(({ fingerprint }) => fingerprint);
  const [content] = await Promise.all([readContent(folder, known.below(folder)), gone]);
  for (const old of pruned) log(`removed the old release ${old}`);
  writeRecord(cache, { folder, artifacts, content });
  return sumsOf(content);
}

async function replaceFolder(made: string, folder: string, old: string, known: KnownFiles): Promise<void> {
  mkdirSync(dirname(folder), { recursive: true });
  if (existsSync(folder)) await rename(folder, old);
  await rename(made, folder);
  known.moved(made, folder);
  if (existsSync(old)) await known.remove(old);
}

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { BuildContext } from '../build';
import { statedEpoch } from '../config/epoch';
import type { Config } from '../config/schema';
import type { FileInput } from '../engine/step';
import { guard } from '../system/guard';
import { type Base, baseOf } from './base';
import { namedFiles } from './named-files';
import { listPatches, type Patch } from './patches';
import { allowedPrograms } from './programs';
import { collectRequests, type Requests } from './requests';
import { type Origin, originOf } from './source/origin';
import type { SourceTree } from './source/tree';
import type { Work } from './work';

/** A source and the folder its objects go to, and how make is called. */
export interface Workshop {
  tree: SourceTree;
  /** The O= folder, absolute. */
  objects: string;
  /** When the kernel says it was built, in seconds since the epoch. */
  epoch: number;
  /** `kernel.make.launcher`: `auto`, `none` or a command. */
  launcher: string;
  /** `kernel.make.jobs`. */
  jobs: number | 'auto';
  /** Programs of this machine that the configuration may see (`allowedPrograms`). */
  programs: readonly string[];
  cache: string;
}

/** All that a configuration says of a kernel that is built from source. */
export interface KernelPlan {
  origin: Origin;
  patches: Patch[];
  base: Base;
  requests: Requests;
  /** What the requests name to be built in. */
  named: FileInput[];
  /** Seconds since the epoch; null: the source's own time. */
  epoch: number | null;
  make: Config['kernel']['make'];
}

/** @throws Dock0Error for a source, a base, a fragment, a patch or a named file that does not exist or cannot be read */
export async function planKernel(context: BuildContext): Promise<KernelPlan> {
  const { patches, make } = context.config.kernel;
  const origin = await originOf(context);
  const wanted = wantedOf(context);
  const named = namedFiles(wanted.requests);
  return { origin, ...wanted, named, patches: listPatches(patches), epoch: statedEpoch(context), make };
}

/** Prepares the source and its object tree: one for each source and compiler. */
export async function openWorkshop(plan: KernelPlan, work: Work): Promise<Workshop> {
  const { prepareTree } = await import('./source/tree');
  const tree = await prepareTree(plan.origin, plan.patches, work);
  const compiler = await work.run('gcc', ['--version']);
  const linker = await work.run('ld', ['--version']);
  const toolchain = createHash('sha256')
    .update(`${compiler.stdout}\n${linker.stdout}`)
    .digest('hex')
    .slice(0, 8);
  return {
    tree,
    objects: join(work.cache, 'kernel', 'objects', `${tree.key}-${toolchain}`),
    epoch: plan.epoch ?? tree.epoch,
    launcher: plan.make.launcher,
    jobs: plan.make.jobs,
    programs: allowedPrograms(plan.requests),
    cache: work.cache,
  };
}

/** The base and the requests on top of it. */
export function wantedOf({ config }: Pick<BuildContext, 'config'>): { base: Base; requests: Requests } {
  const { base, fragments, options, revision } = config.kernel;
  const read = fragments.map((path) => ({ name: basename(path), text: readFileSync(path, 'utf8') }));
  return { base: baseOf(base), requests: collectRequests(read, options, revision) };
}

/** Keeps other builds and menuconfig out of a source's object tree meanwhile. */
export async function aloneIn<T>(
  { objects }: Pick<Workshop, 'objects'>,
  work: Pick<Work, 'signal' | 'log'>,
  use: () => Promise<T>,
): Promise<T> {
  const held = await guard(`${objects}.guard`, {
    signal: work.signal,
    onWait: () => work.log('waiting for another build or menuconfig of this source'),
  });
  try {
    return await use();
  } finally {
    await held.release();
  }
}

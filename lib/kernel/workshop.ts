import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { BuildContext } from '../build';
import { statedEpoch } from '../config/epoch';
import { guard } from '../system/guard';
import { type Base, baseOf } from './base';
import { listPatches } from './patches';
import { allowedPrograms } from './programs';
import { collectRequests, type Requests } from './requests';
import { originOf } from './source/origin';
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

/** Prepares the source and its object tree: one for each source and compiler. */
export async function openWorkshop(context: BuildContext & Work): Promise<Workshop> {
  const { prepareTree } = await import('./source/tree');
  const { kernel } = context.config;
  const tree = await prepareTree(await originOf(context), listPatches(kernel.patches), context);
  const compiler = await context.run('gcc', ['--version']);
  const linker = await context.run('ld', ['--version']);
  const toolchain = createHash('sha256')
    .update(`${compiler.stdout}\n${linker.stdout}`)
    .digest('hex')
    .slice(0, 8);
  return {
    tree,
    objects: join(context.cache, 'kernel', 'objects', `${tree.key}-${toolchain}`),
    epoch: statedEpoch(context) ?? tree.epoch,
    launcher: kernel.make.launcher,
    jobs: kernel.make.jobs,
    programs: allowedPrograms(wantedOf(context).requests),
    cache: context.cache,
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

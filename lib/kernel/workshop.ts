import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { statedEpoch } from '../../tasks/pacstrap';
import type { BuildContext } from '../build';
import type { Build } from '../session/session';
import { guard } from '../system/guard';
import { run } from '../system/process';
import { type Base, baseOf } from './base';
import type { Workshop } from './make';
import { listPatches } from './patches';
import { allowedPrograms } from './programs';
import { collectRequests, type Requests } from './requests';
import { originOf } from './source/origin';
import type { Work } from './work';

/** Brings the source and says where its objects go: a tree for each source and compiler. */
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

/** The base and everything that is asked on top of it. */
export function wantedOf({ config }: Pick<BuildContext, 'config'>): { base: Base; requests: Requests } {
  const { base, fragments, options, revision } = config.kernel;
  const read = fragments.map((path) => ({ name: basename(path), text: readFileSync(path, 'utf8') }));
  return { base: baseOf(base), requests: collectRequests(read, options, revision) };
}

/**
 * Gives a task that is no step what a step has at hand: a temporary folder, gone afterwards, and commands. What it is
 * at is a line each: it has no place on the screen where a step shows how far it is.
 */
export async function withWork<T>(
  { context }: Build,
  use: (context: BuildContext & Work) => Promise<T>,
): Promise<T> {
  const { cache, signal, log } = context;
  // As builds do: `gulp gc` would take the folder away.
  const store = await guard(join(cache, 'store.lock'), {
    shared: true,
    signal,
    onWait: () => log('waiting for `gulp gc` or `gulp clean` to end'),
  });
  try {
    return await inFolder(context, use);
  } finally {
    await store.release();
  }
}

async function inFolder<T>(
  context: BuildContext,
  use: (context: BuildContext & Work) => Promise<T>,
): Promise<T> {
  const id = `kernel-${randomUUID().slice(0, 8)}`;
  const tmp = join(context.cache, 'tmp', id);
  const held = await guard(join(context.cache, 'locks', `${id}.lock`), {
    remove: [tmp],
    signal: context.signal,
  });
  try {
    mkdirSync(tmp, { recursive: true });
    const told = new Set<string | undefined>([undefined]);
    return await use({
      ...context,
      tmp,
      line: () => undefined,
      progress: (_, __, what) => {
        if (what !== undefined && !told.has(what)) context.log(what);
        told.add(what);
      },
      run: (command, args, options = {}) => run(command, args, { ...options, signal: context.signal }),
    });
  } finally {
    await held.release();
  }
}

import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { BuildContext } from '../build';
import type { Work } from '../kernel/work';
import { guard } from '../system/guard';
import { run } from '../system/process';
import type { Build } from './task';

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

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Work } from '../../../lib/kernel/work';
import { run } from '../../../lib/system/process';

/** A step's surroundings in folders of its own, which remember what was said. */
export interface TestWork extends Work {
  root: string;
  logged: string[];
  /** What `progress` was told. */
  seen: { done: number; total: number; what: string | undefined }[];
  /** Empties the temporary folder, as each run of a step begins with. */
  renew: () => void;
  remove: () => void;
}

export function testWork(cache?: string): TestWork {
  const root = mkdtempSync(join(tmpdir(), 'dock0-kernel-'));
  const work: TestWork = {
    root,
    cache: cache ?? join(root, 'cache'),
    tmp: join(root, 'tmp'),
    signal: new AbortController().signal,
    logged: [],
    seen: [],
    log: (line) => work.logged.push(line),
    line: () => undefined,
    run: (command, args, options = {}) => run(command, args, { ...options, signal: work.signal }),
    progress: (done, total, what) => work.seen.push({ done, total, what }),
    renew: () => {
      rmSync(work.tmp, { recursive: true, force: true });
      mkdirSync(work.tmp, { recursive: true });
    },
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
  mkdirSync(work.cache, { recursive: true });
  work.renew();
  return work;
}

/** What was thrown. */
export async function failure(action: () => unknown): Promise<Error> {
  try {
    await action();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}

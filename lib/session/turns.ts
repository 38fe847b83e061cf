/** Runs the tasks of one process side by side, and those that want to be alone when no other runs. */
export type Turns = (work: () => Promise<void>, alone?: boolean) => Promise<void>;

/**
 * Makes the turns of a set of tasks.
 *
 * @param pause what to do when the last running task has ended, before it counts as ended
 * @param rest what to do when no other has started right after it, as the next one of a gulp series does
 */
export function createTurns(pause: () => Promise<void>, rest: () => Promise<void>): Turns {
  let running = 0;
  let busy: Promise<void> = Promise.resolve();
  let lone: Promise<void> | undefined;
  const waiting: (() => void)[] = [];

  const whenIdle = (): void => {
    setImmediate(() => {
      if (running > 0) return;
      busy = rest();
      waiting.shift()?.();
    });
  };
  const run = async (work: () => Promise<void>): Promise<void> => {
    running++;
    try {
      await busy;
      await work();
    } finally {
      if (--running === 0) {
        busy = pause();
        await busy;
        whenIdle();
      }
    }
  };

  return async (work, alone = false) => {
    if (!alone) {
      while (lone !== undefined) await lone;
      return run(work);
    }
    return new Promise((resolve, reject) => {
      // It counts as running at once: nothing can start in between.
      waiting.push(() => {
        lone = run(work)
          .then(resolve, reject)
          .finally(() => {
            lone = undefined;
          });
      });
      whenIdle();
    });
  };
}

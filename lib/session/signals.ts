import type { Engine } from '../engine/engine';
import { Dock0Error } from '../error';

type Stoppable = Pick<Engine, 'abort' | 'idle' | 'settled'>;

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** A terminal's Ctrl-C reaches the process twice, its own and the one that npx passes on: milliseconds apart. */
const SAME_SIGNAL = 500;

/** The engines that have work, which a signal ends. */
const working = new Set<Stoppable>();
const listeners = new Map<NodeJS.Signals, () => void>();

/**
 * Makes signals end an engine's work. Ctrl-C ends what runs, waits until everything is released, then ends the process
 * by the signal, which is what shells go by; a second one does not wait, since what runs ends with this process anyway.
 * The listeners stay until then: without one, libraries that clean up after themselves would end the process at once.
 *
 * @returns what to call when the engine has no more work
 */
export function endOnSignals(engine: Stoppable): () => void {
  if (working.size === 0) for (const signal of SIGNALS) listen(signal);
  working.add(engine);
  return () => {
    working.delete(engine);
    // After a signal, the listener ends the process.
    if (working.size > 0 || since !== undefined) return;
    for (const [signal, listener] of listeners) process.removeListener(signal, listener);
    listeners.clear();
  };
}

/** Whether a signal ends this process as soon as everything is released. */
export function isEnding(): boolean {
  return since !== undefined;
}

let since: number | undefined;

function listen(signal: NodeJS.Signals): void {
  const end = (): void => {
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  };
  const listener = (): void => {
    if (since !== undefined && performance.now() - since > SAME_SIGNAL) end();
    if (since !== undefined) return;
    since = performance.now();
    process.stderr.write(`\n${signal === 'SIGINT' ? 'Interrupted' : 'Ended'}; nothing half-made is kept.\n`);
    const ended = [...working].map(async (engine) => {
      engine.abort(new Dock0Error(`ended by ${signal}`));
      await engine.settled();
    });
    void Promise.allSettled(ended).then(end);
  };
  listeners.set(signal, listener);
  process.on(signal, listener);
}

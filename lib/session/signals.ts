import type { Engine } from '../engine/engine';
import { Dock0Error } from '../error';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** A terminal's Ctrl-C reaches the process twice, its own and the one that npx passes on: milliseconds apart. */
const SAME_SIGNAL = 500;

/**
 * Ctrl-C ends what runs, waits until it let go of everything, then ends the process by the signal, which is what shells
 * go by; a second one does not wait, since what runs ends with this process anyway. The listeners stay until then:
 * without one, libraries that clean up after themselves would end the process at once.
 */
export function endOnSignals(engine: Pick<Engine, 'abort' | 'settled'>): void {
  let since: number | undefined;
  for (const signal of SIGNALS) {
    const end = (): void => {
      process.removeAllListeners(signal);
      process.kill(process.pid, signal);
    };
    process.on(signal, () => {
      if (since !== undefined && performance.now() - since > SAME_SIGNAL) end();
      if (since !== undefined) return;
      since = performance.now();
      process.stderr.write(
        `\n${signal === 'SIGINT' ? 'Interrupted' : 'Ended'}; nothing half-made is kept.\n`,
      );
      engine.abort(new Dock0Error(`ended by ${signal}`));
      engine.settled().finally(end);
    });
  }
}

import { styleText } from 'node:util';
import { brieflyListed } from '../engine/difference';
import type { BuildEvent, Emit } from '../engine/events';
import { short } from '../engine/fingerprint';
import { byteSize, duration } from './format';

export interface ReportOptions {
  /** Show what the tools print. */
  verbose: boolean;
  /** More than one host: lines say which. */
  hosts: boolean;
  /** All reasons of a step, instead of the first few. */
  explain: boolean;
  output?: NodeJS.WriteStream;
}

const NAME_WIDTH = 16;
const BAR_WIDTH = 24;
const FEW_REASONS = 3;
const PLAIN_INTERVAL_MS = 5000;

/**
 * Shows a build's events to a person: a line for what is, and on a terminal one moving line for what is going on.
 */
export function consoleReport(options: ReportOptions): Emit {
  const output = options.output ?? process.stdout;
  const colour = output.isTTY === true && process.env.NO_COLOR === undefined;
  const status = statusLine(output);
  const paint = (style: Parameters<typeof styleText>[0], text: string): string =>
    colour ? styleText(style, text) : text;
  const say = (event: { step: string; host: string | undefined }, text: string): void => {
    const host = options.hosts && event.host !== undefined ? `[${event.host}] ` : '';
    status.print(`${host}${paint('cyan', event.step.padEnd(NAME_WIDTH))} ${text}`);
  };
  const started = new Map<string, number>();

  return (event: BuildEvent) => {
    switch (event.type) {
      case 'cached':
        say(event, paint('dim', `cached  ${short(event.fingerprint)}  (it took ${duration(event.took)})`));
        break;
      case 'planned': {
        const reasons = options.explain ? event.reasons : brieflyListed(event.reasons, FEW_REASONS);
        say(event, paint(event.state === 'would run' ? 'yellow' : 'dim', event.state));
        for (const reason of reasons) say({ ...event, step: '' }, `  ${reason}`);
        if (options.explain) for (const note of event.notes) say({ ...event, step: '' }, `  ${note}`);
        break;
      }
      case 'start':
        started.set(event.step, performance.now());
        say(event, `${event.description}: ${brieflyListed(event.reasons, FEW_REASONS).join('; ')}`);
        break;
      case 'log':
        say(event, `  ${event.line}`);
        break;
      case 'output':
        if (options.verbose) say(event, paint('dim', `| ${event.line}`));
        break;
      case 'progress':
        status.show(event.step, event.total > 0 ? event.done / event.total : 0, event.what ?? '');
        break;
      case 'wait':
        say(event, 'waiting: another build is making the same');
        break;
      case 'damaged':
        say(
          event,
          paint('red', `damaged in the cache: ${event.path} ${event.problem}; it will be made again`),
        );
        break;
      case 'done': {
        status.clear(event.step);
        const same =
          event.same === undefined
            ? ''
            : event.same
              ? ', the same bytes as before'
              : ', other bytes than before';
        say(event, paint('green', `done in ${duration(event.took)}, ${byteSize(event.bytes)}${same}`));
        break;
      }
      case 'failed':
        status.clear(event.step);
        say(
          event,
          paint(
            'red',
            `failed after ${duration(performance.now() - (started.get(event.step) ?? performance.now()))}`,
          ),
        );
    }
  };
}

interface StatusLine {
  print: (line: string) => void;
  show: (step: string, share: number, what: string) => void;
  clear: (step: string) => void;
}

/** The moving line. Elsewhere than on a terminal: a plain line now and then. */
function statusLine(output: NodeJS.WriteStream): StatusLine {
  const running = new Map<string, string>();
  const said = new Map<string, number>();
  const terminal = output.isTTY === true;
  const draw = (): void => {
    if (!terminal || running.size === 0) return;
    output.write(`\r\x1b[K${[...running.values()].join('  ').slice(0, (output.columns ?? 80) - 1)}`);
  };
  const erase = (): void => {
    if (terminal && running.size > 0) output.write('\r\x1b[K');
  };
  return {
    print: (line) => {
      erase();
      output.write(`${line}\n`);
      draw();
    },
    show: (step, share, what) => {
      const percent = `${Math.floor(share * 100)}%`.padStart(4);
      if (terminal) {
        const full = Math.round(Math.min(1, share) * BAR_WIDTH);
        running.set(step, `${step} [${'#'.repeat(full)}${'-'.repeat(BAR_WIDTH - full)}]${percent} ${what}`);
        draw();
        return;
      }
      const now = performance.now();
      if (now - (said.get(step) ?? now - PLAIN_INTERVAL_MS / 2) < PLAIN_INTERVAL_MS) {
        if (!said.has(step)) said.set(step, now - PLAIN_INTERVAL_MS / 2);
        return;
      }
      said.set(step, now);
      output.write(`${step.padEnd(NAME_WIDTH)}   ${percent} ${what}\n`);
    },
    clear: (step) => {
      erase();
      running.delete(step);
      said.delete(step);
      draw();
    },
  };
}

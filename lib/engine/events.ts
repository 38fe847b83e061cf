import type { Prospect } from './preview';

/** What happens in a build, as data. The engine only emits; lib/report decides how it looks. */
export type BuildEvent =
  | {
      type: 'cached';
      step: string;
      host: string | undefined;
      fingerprint: string;
      took: number;
      bytes: number;
    }
  | {
      type: 'planned';
      step: string;
      host: string | undefined;
      state: Prospect;
      reasons: string[];
      /** What the step decided when it was planned. */
      notes: string[];
    }
  | { type: 'start'; step: string; host: string | undefined; description: string; reasons: string[] }
  | {
      type: 'progress';
      step: string;
      host: string | undefined;
      done: number;
      total: number;
      what: string | undefined;
    }
  | { type: 'log'; step: string; host: string | undefined; line: string }
  | { type: 'output'; step: string; host: string | undefined; line: string }
  | { type: 'wait'; step: string; host: string | undefined }
  | { type: 'damaged'; step: string; host: string | undefined; path: string; problem: string }
  | {
      type: 'done';
      step: string;
      host: string | undefined;
      fingerprint: string;
      took: number;
      bytes: number;
      same: boolean | undefined;
    }
  | { type: 'failed'; step: string; host: string | undefined };

export type Emit = (event: BuildEvent) => void;

/** An event with its texts masked. */
export function masked(event: BuildEvent, mask: (line: string) => string): BuildEvent {
  switch (event.type) {
    case 'log':
    case 'output':
      return { ...event, line: mask(event.line) };
    case 'planned':
      return { ...event, reasons: event.reasons.map(mask), notes: event.notes.map(mask) };
    case 'start':
      return { ...event, reasons: event.reasons.map(mask) };
    case 'progress':
      return { ...event, what: event.what === undefined ? undefined : mask(event.what) };
    default:
      return event;
  }
}

import type { Transform } from 'node:stream';
import PluginError from 'plugin-error';
import type Vinyl from 'vinyl';
import { codeOf, Dock0Error, messageOf } from '../error';

/** What a stream does with its files. */
export interface Work {
  each: (file: Vinyl) => Promise<void>;
  /** After the last file. */
  end?: () => Promise<void>;
  /** Once, when the stream has ended or failed and nothing of the above runs any more. */
  close?: (error: Error | undefined) => Promise<void>;
}

/** What a stream has to work with. */
export interface Outlet {
  push: (file: Vinyl) => void;
  /** Ends the stream with an error, also from outside of `each` and `end`. */
  fail: (error: unknown, file?: Vinyl) => void;
  /** Aborted when the stream is destroyed before its end. */
  signal: AbortSignal;
}

/**
 * Makes a stream of vinyl files. Its errors are PluginErrors with the file they are about, and reach the streams it is
 * joined with by `.pipe()`: Node leaves those waiting, and gulp.src() takes the error of the stream behind it as handled.
 *
 * @param name the name of the plugin in errors
 */
export function plugin(name: string, make: (outlet: Outlet) => Work): Transform {
  const aborting = new AbortController();
  let busy: Promise<unknown> = Promise.resolve();
  const guarded = (task: Promise<void>, file?: Vinyl): Promise<void> => {
    const done = task.catch((error: unknown) => {
      throw pluginError(name, error, file);
    });
    busy = done.catch(() => undefined);
    return done;
  };
  const work = make({
    push: (file) => stream.push(file),
    fail: (error, file) => void stream.destroy(pluginError(name, error, file)),
    signal: aborting.signal,
  });
  // Loading it takes a good part of the time in which a build with nothing to do is over; few runs make a stream.
  const { default: through2 } = require('through2') as typeof import('through2');
  const stream = through2.obj(
    {
      destroy: (error: Error | null, done: (error: Error | null) => void) => {
        // A stream that has come to its end is destroyed, too.
        if (error || !stream.readableEnded) aborting.abort(error ?? new Error('the stream was closed'));
        busy
          .then(() => work.close?.(error ?? undefined))
          .then(
            () => done(error),
            (failed: Error) => done(error ?? failed),
          );
      },
    },
    async (file: Vinyl) => guarded(work.each(file), file),
    async () => guarded(work.end?.() ?? Promise.resolve()),
    // through2 builds on readable-stream, the same code published apart from Node.
  ) as unknown as Transform;
  passErrorsOn(stream);
  return stream;
}

/**
 * An error as gulp shows it, with plugin and file.
 *
 * @param file the file it is about: its path is in the message
 */
export function pluginError(name: string, error: unknown, file?: Vinyl): PluginError {
  if (error instanceof PluginError) return error;
  const message = messageOf(error);
  const named =
    file === undefined || message.includes(file.relative) ? message : `${file.relative}: ${message}`;
  const made = new PluginError(name, named, file === undefined ? {} : { fileName: file.path });
  Object.defineProperty(made, 'cause', { value: error });
  const code = codeOf(error);
  return Object.assign(
    made,
    code === undefined ? {} : { code },
    error instanceof Dock0Error && error.hint !== undefined ? { hint: error.hint } : {},
  );
}

function passErrorsOn(stream: Transform): void {
  stream.on('pipe', (from: NodeJS.EventEmitter) => from.once('error', (error) => stream.destroy(error)));
  const pipe = stream.pipe.bind(stream);
  stream.pipe = (to, options) => {
    const next = to as { destroy?: (error: Error) => void };
    stream.once('error', (error) => next.destroy?.(error));
    return pipe(to, options);
  };
}

/**
 * An error that is the reader's to fix: gulp prints its message without a stack (`showStack` is what gulp-cli
 * and PluginError look at).
 */
export class Dock0Error extends Error {
  readonly showStack = false;
  /** What to do about it: one line, printed below the message. */
  readonly hint: string | undefined;

  constructor(message: string, options: { hint?: string | undefined; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'Dock0Error';
    this.hint = options.hint;
  }

  override toString(): string {
    return this.hint === undefined ? this.message : `${this.message}\n  ${this.hint}`;
  }
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The `code` of a Node system error (`ENOENT`, `ENOSPC`, …), if it has one. */
export function codeOf(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : undefined;
}

/** An error without the secrets that its message may have; one that has none stays as it is. */
export function maskedError(error: unknown, mask: (line: string) => string): Error {
  if (!(error instanceof Error)) return new Error(mask(messageOf(error)));
  if (!(error instanceof Dock0Error)) {
    error.message = mask(error.message);
    error.stack = mask(error.stack ?? '');
    return error;
  }
  const hint = error.hint === undefined ? undefined : mask(error.hint);
  const message = mask(error.message);
  return message === error.message && hint === error.hint ? error : new Dock0Error(message, { hint });
}

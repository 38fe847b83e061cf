import { codeOf, Dock0Error, messageOf } from '../error';
import { CommandError } from './process';

const MESSAGE = 'no space left on the disk';

/**
 * An error that a full disk caused, as one that says so and what to do; undefined for any other error.
 *
 * @param error what was thrown; its causes are looked at too
 * @param folders what is written to
 */
export function diskFullError(
  error: unknown,
  folders: { cache: string; output: string },
): Dock0Error | undefined {
  if (!causes(error).some(isDiskFull)) return undefined;
  // Said already, with the step that found it.
  if (error instanceof Dock0Error && error.message.endsWith(MESSAGE)) return error;
  return new Dock0Error(MESSAGE, {
    hint: `The full disk holds the cache (${folders.cache}) or the output (${folders.output}). \`gulp gc\` frees what no kept release uses; --cache and --output move them.`,
    cause: error,
  });
}

/** The error of a program that could not write a file and only says so by its exit code. */
export function unwritten(name: string): Dock0Error {
  return new Dock0Error(`${MESSAGE}: ${name} could not be written`, {
    hint: '`gulp gc` frees what no kept release uses; --cache puts the cache elsewhere.',
  });
}

function causes(error: unknown): unknown[] {
  return error instanceof Error ? [error, ...causes(error.cause)] : [];
}

function isDiskFull(error: unknown): boolean {
  const output = error instanceof CommandError ? error.output : messageOf(error);
  // apt says it in words of its own.
  const said =
    /No space left on device|Disk quota exceeded|You don't have enough free space|[Nn]ot enough (disk )?space/;
  return codeOf(error) === 'ENOSPC' || codeOf(error) === 'EDQUOT' || said.test(output);
}

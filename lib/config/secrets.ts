import { statSync } from 'node:fs';
import { relative } from 'node:path';
import { codeOf } from '../error';
import { readText } from './text-file';

/** Shorter ones are part of other texts too, so that hiding them would hide those. */
const LEAST_LENGTH = 8;

/** Keys whose values other users of a machine see, in the list of processes or in /proc/cmdline; `*` is any key. */
const EXPOSED = [['commands'], ['kernel', 'cmdline'], ['containers', '*', 'command']];

/** A secret, or what is wrong with it. */
export type Secret = { text: string } | { problem: string };

/**
 * Reads a secret: from the file that `secrets` names for it, else from the environment.
 *
 * @param keys where it is to go
 * @param file absolute; only its owner may read it. A line end at its end is no part of the secret
 */
export function readSecret(
  name: string,
  keys: readonly string[],
  file: string | undefined,
  { env, cwd }: { env: Readonly<Record<string, string | undefined>>; cwd: string },
): Secret {
  if (EXPOSED.some((path) => path.every((key, at) => key === '*' || keys[at] === key))) {
    return { problem: 'a command line would expose the secret; use it in a template or a script' };
  }
  const found = file === undefined ? env[name] : fromFile(file, relative(cwd, file));
  if (found === undefined || found === '') {
    return { problem: `${name} is not set in the environment, and \`secrets\` names no file for it` };
  }
  if (typeof found !== 'string') return found;
  if (found.length >= LEAST_LENGTH) return { text: found };
  return { problem: `${name} is shorter than ${LEAST_LENGTH} characters: it could not be kept out of logs` };
}

function fromFile(file: string, shown: string): Secret | string {
  try {
    if ((statSync(file).mode & 0o077) !== 0)
      return { problem: `${shown} can be read by others; \`chmod 600 ${shown}\` makes it private` };
    const read = readText(file);
    if ('problem' in read) return { problem: `${shown}:${read.line}:${read.column}: ${read.problem}` };
    return read.text.replace(/\r?\n$/, '');
  } catch (error) {
    return { problem: `${shown} cannot be read (${codeOf(error)})` };
  }
}

import { closeSync, existsSync, openSync, readSync } from 'node:fs';

/** The longest first line that the kernel reads (BINPRM_BUF_SIZE). */
const LONGEST = 256;

/**
 * What is wrong with the first line of a script, or nothing. Whoever starts it is told "No such file or directory" of a
 * file that exists.
 */
export function interpreterProblem(script: string): string | undefined {
  const line = firstLine(script);
  const [, interpreter = ''] = /^#![ \t]*([^ \t\n]*)/.exec(line) ?? [];
  if (!line.startsWith('#!') || interpreter === '') return undefined;
  if (interpreter.endsWith('\r') || /\r$/.test(line))
    return 'its lines end in CR LF, as on Windows; the first one has to end in LF (`sed -i "s/\\r$//"`)';
  if (existsSync(interpreter)) return undefined;
  return `its interpreter ${interpreter}, which the first line names, does not exist`;
}

function firstLine(file: string): string {
  const descriptor = openSync(file, 'r');
  try {
    const buffer = Buffer.alloc(LONGEST);
    const text = buffer.subarray(0, readSync(descriptor, buffer)).toString('latin1');
    return text.split('\n', 1)[0] as string;
  } finally {
    closeSync(descriptor);
  }
}

import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, rmSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { temporaryFolder } from './temporary-folder';

/** A pipe(7): a stream of what is written, and the descriptor to write to. */
export interface Pipe {
  read: Readable;
  write: number;
}

/**
 * Opens pipes for the output of a command. Node gives commands sockets instead, and a socket cannot be opened as
 * /dev/stdout or /dev/stderr (ENXIO, socket(7)), which scripts do.
 *
 * @param count how many
 * @param parent a folder of this machine in which they have names until they are open; default: that for temporary files
 */
export function openPipes(count: number, parent = temporaryFolder()): Pipe[] {
  const folder = mkdtempSync(join(parent, 'pipes-'));
  try {
    const names = Array.from({ length: count }, (_, at) => join(folder, String(at)));
    // Whatever user the command becomes, it may open them by /proc/self/fd.
    execFileSync('mkfifo', ['-m', '666', '--', ...names]);
    return names.map((name) => {
      const from = openSync(name, constants.O_RDONLY | constants.O_NONBLOCK);
      return { write: openSync(name, 'w'), read: new Socket({ fd: from, readable: true, writable: false }) };
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Closes this process's ends for writing, once the command has its own. */
export function closeWriteEnds(pipes: readonly Pipe[]): void {
  for (const { write } of pipes) closeSync(write);
}

import { lstatSync, lutimesSync, readdirSync } from 'node:fs';

const SLASH = Buffer.from('/');

/**
 * Gives all in a folder, and the folder itself, one time. No program does it: the layers of a change have few files.
 *
 * @param epoch seconds since 1970
 * @param since milliseconds since 1970: only what was written later gets the time
 */
export function setTimes(folder: string, epoch: number, since = Number.NEGATIVE_INFINITY): void {
  // File names are bytes.
  setBelow(Buffer.from(folder), epoch, since);
}

function setBelow(path: Buffer, epoch: number, since: number): void {
  const stat = lstatSync(path);
  if (stat.isDirectory()) {
    for (const name of readdirSync(path, { encoding: 'buffer' }))
      setBelow(Buffer.concat([path, SLASH, name]), epoch, since);
  }
  if (stat.mtimeMs > since) lutimesSync(path, epoch, epoch);
}

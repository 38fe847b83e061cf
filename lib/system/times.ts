import type { Runner } from './sandbox';

/**
 * Gives all in a folder, and the folder itself, one time.
 *
 * @param epoch seconds since 1970
 * @param stamp a file: only what is newer gets the time
 */
export async function setTimes(folder: string, epoch: number, run: Runner, stamp?: string): Promise<void> {
  const newer = stamp === undefined ? [] : ['-newer', stamp];
  const touch = ['touch', '--no-dereference', `--date=@${epoch}`, '--'];
  await run('find', [folder, ...newer, '-exec', ...touch, '{}', '+']);
}

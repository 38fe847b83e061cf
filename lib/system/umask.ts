/** Permission bits that new files never get: none for others to write. */
const UMASK = 0o022;

let holders = 0;
let before = UMASK;

/**
 * Gives this process a fixed umask for as long as somebody wants it, so that files have the modes that their makers
 * state, whoever runs the process.
 *
 * @returns what to call when it is wanted no more; the last one restores the umask that was there before
 */
export function holdUmask(): () => void {
  if (holders++ === 0) before = process.umask(UMASK);
  return () => {
    if (--holders === 0) process.umask(before);
  };
}

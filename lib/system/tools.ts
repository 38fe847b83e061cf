/** The commands that this room itself calls, so that every step needs them. */
export const SYSTEM_TOOLS: readonly string[] = [
  'setpriv',
  'unshare',
  'nsenter',
  'flock',
  'mount',
  'getfattr',
];

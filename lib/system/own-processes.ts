/** The command line of another one in PID and mount namespaces of its own, which end with it. Needs no root. */
export function unshared(command: readonly string[]): string[] {
  const user = process.getuid?.() === 0 ? [] : ['--user', '--map-root-user'];
  const namespaces = ['--pid', '--fork', '--kill-child', '--mount-proc', '--propagation', 'private', ...user];
  return ['unshare', ...namespaces, '--', ...command];
}

/**
 * The same for a command that is not ours: what it starts in the background and what it mounts ends with it. It is no
 * process 1 itself, which signals would not end (pid_namespaces(7)).
 */
export function withOwnProcesses(command: readonly string[]): string[] {
  return unshared(['sh', '-c', '"$@"; exit "$?"', 'sh', ...command]);
}

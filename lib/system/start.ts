import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';

/**
 * Starts a command that goes on while others run: a virtual machine. It is killed when this process ends, even by
 * SIGKILL (PR_SET_PDEATHSIG, set by setpriv(1)).
 *
 * @param options as for child_process.spawn; arguments never meet a shell
 */
export function start(
  command: string,
  args: readonly string[],
  options: Pick<SpawnOptions, 'stdio' | 'env'>,
): ChildProcess {
  return spawn('setpriv', ['--pdeathsig', 'KILL', '--', command, ...args], options);
}

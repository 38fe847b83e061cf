import { codeOf } from '../error';

/**
 * Sends a signal to a process group (kill(2) with a negative id): a detached child and what it started. A group that
 * ended meanwhile is fine.
 *
 * @param leader the id of the child that leads the group; undefined where it could not be started
 */
export function killGroup(leader: number | undefined, signal: NodeJS.Signals): void {
  if (leader === undefined) return;
  try {
    process.kill(-leader, signal);
  } catch (error) {
    if (codeOf(error) !== 'ESRCH') throw error;
  }
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { killGroup } from './kill-group';
import { makeFolder } from './make-folder';

/** A held lock (flock(2)); the kernel frees it when this process ends, however it ends. */
export interface Guard {
  /** Removes the guarded folders and frees the lock. */
  release: () => Promise<void>;
}

export interface GuardOptions {
  /** Folders that must not outlive this process: removed on release, and also when this process is killed. */
  remove?: string[];
  /** What was moved aside goes back before that where nothing has come in its place. */
  restore?: { from: string; to: string };
  shared?: boolean;
  /** Called once when somebody else holds the lock. */
  onWait?: () => void;
  signal?: AbortSignal | undefined;
}

// Constant scripts: everything arrives as arguments. A lock file may be removed by whoever holds its lock
// (`removeFreeLocks`): who waited for it meanwhile holds the lock of a file without a name, and takes the new one.
// Killed processes may still write to the folders for a moment, hence the retries.
const HOLD = `
file=$1 kind=$2 patience=$3 from=$4 to=$5
shift 5
while :; do
  exec 9>> "$file" || exit 1
  flock "$kind" $patience 9 || exit
  [ "$file" -ef /proc/self/fd/9 ] && break
done
echo locked
while read -r _; do :; done
[ -e "$from" ] && [ ! -e "$to" ] && mv -- "$from" "$to"
[ $# -eq 0 ] && exit
for n in 1 2 3 4 5; do rm -rf --one-file-system -- "$@" && break; sleep 0.3; done
`;
const REMOVE_FREE = 'for file; do exec 9>> "$file" && flock --nonblock 9 && rm -f -- "$file"; done; exit 0';
const CONFLICT = 75;

/**
 * Takes the lock `file`, waiting for whoever has it.
 *
 * The lock is held by a child process outside of this one's process group that waits for its standard input to
 * close, then removes `remove`. So neither a Ctrl-C in the terminal nor a SIGKILL of this process leaves a folder or
 * a stale lock behind.
 *
 * @throws the signal's reason when it aborts while waiting
 */
export async function guard(file: string, options: GuardOptions = {}): Promise<Guard> {
  makeFolder(dirname(file));
  // Whoever may not write it is told so by the file system.
  await (await open(file, 'a')).close();
  options.signal?.throwIfAborted();
  const first = await attempt(file, true, options);
  if (first !== undefined) return first;
  options.onWait?.();
  options.signal?.throwIfAborted();
  const second = await attempt(file, false, options);
  if (second === undefined) throw options.signal?.reason ?? new Error(`the lock ${file} can't be taken`);
  return second;
}

/** Takes the lock `file` where nobody holds it; undefined where somebody does. */
export async function tryGuard(file: string): Promise<Guard | undefined> {
  makeFolder(dirname(file));
  return attempt(file, true, {});
}

function attempt(file: string, now: boolean, options: GuardOptions): Promise<Guard | undefined> {
  const kind = options.shared ? '--shared' : '--exclusive';
  const patience = now ? `--nonblock --conflict-exit-code ${CONFLICT}` : '';
  const { restore = { from: '', to: '' }, remove = [] } = options;
  const child = spawn('sh', ['-c', HOLD, 'sh', file, kind, patience, restore.from, restore.to, ...remove], {
    stdio: ['pipe', 'pipe', 'ignore'],
    detached: true,
    // Where it stands must not keep a folder from being removed or a disk from being unmounted.
    cwd: '/',
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  child.stdin.on('error', () => undefined);
  const stop = (): void => {
    child.stdin.destroy();
    // The whole group: the shell's flock may still wait.
    killGroup(child.pid, 'SIGTERM');
  };
  options.signal?.addEventListener('abort', stop, { once: true });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.stdout.once('data', () => {
      // Aborted with the answer already on its way: the child is ending, and would not remove what is made now.
      if (options.signal?.aborted) return stop();
      options.signal?.removeEventListener('abort', stop);
      resolve({
        release: async () => {
          child.stdin.end();
          await ended;
        },
      });
    });
    child.once('close', (code) => {
      options.signal?.removeEventListener('abort', stop);
      if (options.signal?.aborted) reject(options.signal.reason);
      else if (code === CONFLICT) resolve(undefined);
      else reject(new Error(`the lock ${file} is unavailable: flock failed with exit code ${code}`));
    });
  });
}

/**
 * Removes the lock files of a folder that nobody holds; each is locked before it is removed, so that no lock has two
 * holders.
 */
export async function removeFreeLocks(folder: string): Promise<void> {
  const files = existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [];
  // A command line has an end (execve(2), E2BIG): 2 MiB, and a path takes up to 4 KiB.
  for (let start = 0; start < files.length; start += 250) {
    const some = files.slice(start, start + 250);
    const child = spawn('sh', ['-c', REMOVE_FREE, 'sh', ...some], { stdio: 'ignore', cwd: '/' });
    await once(child, 'close');
  }
}

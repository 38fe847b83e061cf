import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { confined, smallDev } from './chroot';
import type { RunOptions, RunResult } from './process';
import { type Runner, withSandbox } from './sandbox';

// A constant script: the folder that stays visible, then every mount point. What a mount hides cannot be remounted, and
// need not be: what is visible at its path is looked at.
const CLOSE = `
set -e
cd "$1"
mount -t tmpfs -o nosuid,nodev,mode=755 run /run
mount -t tmpfs -o nosuid,nodev,mode=1777 tmp /tmp
mkdir /tmp/.dev
${smallDev('/tmp/.dev')}
mount --move /tmp/.dev /dev
rmdir /tmp/.dev
case "$1" in
  /tmp/*|/run/*|/dev/*) mkdir -p "$1"; mount --no-canonicalize --bind . "$1"; mount -o remount,bind,ro "$1" ;;
esac
shift
for target; do
  # What was mounted below these is hidden.
  case "$target" in /tmp|/tmp/*|/run/*|/dev|/dev/*) continue ;; esac
  mount -o remount,bind,ro "$target" 2>/dev/null || [ ! -w "$target" ] || { echo "$target stays writable" >&2; exit 1; }
done
`;

/**
 * Runs a command of somebody else's that is only to print something: confined, without a network, every file system
 * read-only, with an empty /tmp and /run of its own and a /dev without disks.
 *
 * @param folder its working folder, visible wherever it lies
 */
export function runReadOnly(
  runner: Runner,
  folder: string,
  command: readonly string[],
  options: RunOptions,
): Promise<RunResult> {
  return withSandbox(runner, async (sandbox) => {
    const mounts = readFileSync(join(sandbox.path('/'), '../mountinfo'), 'utf8');
    const targets = mounts
      .split('\n')
      .map((line) => line.split(' ')[4])
      .filter((path) => path !== undefined)
      .map((path) =>
        path.replace(/\\([0-7]{3})/g, (_, code) => String.fromCharCode(Number.parseInt(code, 8))),
      );
    await sandbox.run('sh', ['-c', CLOSE, 'sh', folder, ...new Set(targets)]);
    const [program = '', ...args] = confined(command);
    return sandbox.run(program, args, { cwd: folder, foreign: true, ...options });
  });
}

import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Dock0Error } from '../error';
import { findTool, type RunOptions, type RunResult } from './process';

/** The `run` of a step: keeps the output in the step's log and ends with the build. */
export type Runner = (command: string, args: readonly string[], options?: RunOptions) => Promise<RunResult>;

/**
 * Private mount, PID, UTS and IPC namespaces in which a step mounts things and runs commands. All of it is gone
 * with this process, however this process ends: the namespaces live as long as one holder process, which the
 * kernel kills when its parent dies (PR_SET_PDEATHSIG) and which ends by itself when its standard input closes.
 */
export interface Sandbox {
  /** Runs a command that sees the sandbox's mounts. */
  run: Runner;
  /** Mounts `source` on `target` (both paths of this machine); mount(8)'s type and options. */
  mount: (source: string, target: string, type: string, options?: string) => Promise<void>;
  /** The path by which this process reaches `path` through the sandbox's mounts. */
  path: (path: string) => string;
}

/**
 * Opens a sandbox for the time `use` takes.
 *
 * @param runner starts the sandbox's commands; a step passes its own `run`
 * @throws Dock0Error when the kernel refuses the namespaces (not root, or a container without CAP_SYS_ADMIN)
 */
export async function withSandbox<T>(runner: Runner, use: (sandbox: Sandbox) => Promise<T>): Promise<T> {
  const holder = await startHolder();
  const enter = ['--target', String(holder.pid), '--mount', '--pid', '--uts', '--ipc', '--'];
  const inside: Runner = (command, args, options) =>
    runner('nsenter', [...enter, findTool(command) ?? command, ...args], options);
  try {
    return await use({
      run: inside,
      mount: async (source, target, type, options) => {
        const flags = options === undefined ? [] : ['-o', options];
        await inside('mount', ['-t', type, ...flags, '--', source, target]);
      },
      path: (path) => join('/proc', String(holder.pid), 'root', path),
    });
  } finally {
    await holder.end();
  }
}

// A constant script, one process instead of twenty: the root arrives as its argument.
const API_FILESYSTEMS = `
set -e
cd "$1"
mkdir -p proc sys dev run tmp
mount -t proc -o nosuid,nodev,noexec proc proc
mount -t sysfs -o ro,nosuid,nodev,noexec sysfs sys
mount -t tmpfs -o nosuid,noexec,mode=755,size=1m dev dev
for node in null zero full random urandom tty; do
  : > "dev/$node"
  mount --bind "/dev/$node" "dev/$node"
done
ln -s /proc/self/fd dev/fd
ln -s /proc/self/fd/0 dev/stdin
ln -s /proc/self/fd/1 dev/stdout
ln -s /proc/self/fd/2 dev/stderr
mkdir -m 1777 dev/shm
mount -t tmpfs -o nosuid,nodev,mode=755 run run
mount -t tmpfs -o nosuid,nodev,mode=1777 tmp tmp
[ -e /etc/resolv.conf ] || exit 0
mkdir -p run/systemd/resolve
cat /etc/resolv.conf > run/systemd/resolve/stub-resolv.conf
if [ -f etc/resolv.conf ] && [ ! -L etc/resolv.conf ]; then
  mount --bind run/systemd/resolve/stub-resolv.conf etc/resolv.conf
fi
`;

/**
 * Gives a root folder what programs running in it expect: /proc, /sys (read-only), a small /dev, /run and /tmp,
 * and a copy of the host's resolver configuration where the root's resolv.conf is or leads. All of it is mounted in
 * the sandbox only; nothing stays in the root but empty folders.
 */
export async function mountApiFilesystems(sandbox: Sandbox, root: string): Promise<void> {
  await sandbox.run('sh', ['-c', API_FILESYSTEMS, 'sh', root]);
}

/** A command in `root`, as chroot(8) runs it, with nothing of this machine's environment but what `env` says. */
export function chroot(
  sandbox: Sandbox,
  root: string,
  command: readonly string[],
  options: RunOptions = {},
): Promise<RunResult> {
  const env = Object.entries({ ...CHROOT_ENV, ...options.env }).map(
    ([name, value]) => `${name}=${value ?? ''}`,
  );
  const { env: _, ...rest } = options;
  return sandbox.run('chroot', [root, '/usr/bin/env', '-i', ...env, ...command], rest);
}

const CHROOT_ENV = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  HOME: '/root',
  LC_ALL: 'C.UTF-8',
  DEBIAN_FRONTEND: 'noninteractive',
  DEBCONF_NONINTERACTIVE_SEEN: 'true',
  SYSTEMD_OFFLINE: '1',
};

interface Holder {
  pid: number;
  end: () => Promise<void>;
}

// A constant script: it takes no value from outside. The host name keeps the builder's out of what tools record.
const HOLD =
  'echo localhost > /proc/sys/kernel/hostname; mount -t proc proc /proc; echo ready; exec cat > /dev/null';

async function startHolder(): Promise<Holder> {
  const flags = ['--mount', '--pid', '--uts', '--ipc', '--fork', '--kill-child', '--propagation', 'private'];
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', 'unshare', ...flags, '--', 'sh', '-c', HOLD], {
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  child.stdin.on('error', () => undefined);
  await ready(child);
  return {
    pid: childOf(child.pid as number),
    end: async () => {
      child.stdin.end();
      child.kill('SIGKILL');
      await ended;
    },
  };
}

function ready(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = '';
    child.stderr?.on('data', (data: Buffer) => {
      said += data.toString();
    });
    child.stdout?.once('data', () => resolve());
    child.once('error', reject);
    child.once('close', () =>
      reject(
        new Dock0Error(`no private mount namespace: ${said.trim() || 'unshare failed'}`, {
          hint: 'Building needs root with CAP_SYS_ADMIN (in a container: --privileged).',
        }),
      ),
    );
  });
}

function childOf(pid: number): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return Number(children.split(' ')[0]);
}

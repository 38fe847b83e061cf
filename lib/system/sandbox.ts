import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Dock0Error } from '../error';
import { findTool } from './find-tool';
import type { RunOptions, RunResult } from './process';

/** The `run` of a step: keeps the output in the step's log and ends with the build. */
export type Runner = (command: string, args: readonly string[], options?: RunOptions) => Promise<RunResult>;

/**
 * Private mount, PID, UTS, IPC and network namespaces in which a step mounts things and runs commands. All of it is gone
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

export interface SandboxOptions {
  /** Whether commands reach this machine's network; default: there is none, not even the loopback device. */
  network?: boolean;
}

/**
 * Opens a sandbox for the time `use` takes.
 *
 * @param runner starts the sandbox's commands; a step passes its own `run`
 * @throws Dock0Error when the kernel refuses the namespaces (not root, or a container without CAP_SYS_ADMIN)
 */
export async function withSandbox<T>(
  runner: Runner,
  use: (sandbox: Sandbox) => Promise<T>,
  { network = false }: SandboxOptions = {},
): Promise<T> {
  const namespaces = ['--mount', '--pid', '--uts', '--ipc', ...(network ? [] : ['--net'])];
  const holder = await startHolder(namespaces);
  const enter = ['--target', String(holder.pid), ...namespaces, '--'];
  const inside: Runner = (command, args, { cwd, ...options } = {}) => {
    const at = cwd === undefined ? [] : ['sh', '-c', ENTER, 'sh', cwd];
    return runner('nsenter', [...enter, ...at, findTool(command) ?? command, ...args], options);
  };
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

// A constant script: nsenter(1) goes to the root folder, and env(1) takes a program with = in its path for a variable.
const ENTER = 'cd "$1" && shift && exec "$@"';

interface Holder {
  pid: number;
  end: () => Promise<void>;
}

// A constant script: it takes no value from outside. The host name keeps the builder's out of what tools record.
const HOLD =
  'echo localhost > /proc/sys/kernel/hostname; mount -t proc proc /proc; echo ready; exec cat > /dev/null';

async function startHolder(namespaces: readonly string[]): Promise<Holder> {
  const flags = [...namespaces, '--fork', '--kill-child', '--propagation', 'private'];
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

import { spawn } from 'node:child_process';
import { join, resolve } from 'node:path';

export const PROJECT = resolve(__dirname, '..');

export interface Measured {
  seconds: number;
  /** The largest resident set of the node process, in MB; 0 for other commands. */
  megabytes: number;
}

/**
 * Runs a command to its end and says how long it took. A Ctrl-C ends the command; what was begun is cleaned up.
 *
 * @throws Error when it fails
 */
export function measure(words: string[], cwd: string, env: Record<string, string> = {}): Promise<Measured> {
  const [command = '', ...args] = words;
  const started = performance.now();
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, NODE_OPTIONS: `--require ${join(__dirname, 'peak-memory.cjs')}`, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const end = (signal: NodeJS.Signals): void => {
    if (child.pid !== undefined) process.kill(-child.pid, signal);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, end);
  let output = '';
  child.stdout.on('data', (data: Buffer) => {
    output += data.toString();
  });
  child.stderr.on('data', (data: Buffer) => {
    output += data.toString();
  });
  return new Promise((done, fail) => {
    child.once('error', fail);
    child.once('close', (code) => {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, end);
      const seconds = (performance.now() - started) / 1000;
      const peaks = [...output.matchAll(/^peak-memory (\d+)$/gm)].map(
        ([, kilobytes]) => Number(kilobytes) / 1024,
      );
      if (code === 0) done({ seconds, megabytes: Math.max(0, ...peaks) });
      else fail(new Error(`${words.join(' ')}: exit code ${code}\n${output.slice(-2000)}`));
    });
  });
}

/** The median of several runs; `before` prepares each of them and is not measured. */
export async function median(
  runs: number,
  words: string[],
  cwd: string,
  env: Record<string, string> = {},
  before: () => void = () => undefined,
): Promise<Measured> {
  const all: Measured[] = [];
  for (let run = 0; run < runs; run++) {
    before();
    all.push(await measure(words, cwd, env));
  }
  all.sort((a, b) => a.seconds - b.seconds);
  return all[Math.floor(runs / 2)] as Measured;
}

import type { Readable } from 'node:stream';
import type { Options, Subprocess } from 'execa';
import { Dock0Error } from '../error';
import { environmentFor } from './environment';
import { findTool } from './find-tool';
import { killGroup } from './kill-group';
import { linesOf, Tail } from './lines';
import { closeWriteEnds, openPipes } from './pipe';

/** Where a step's tool output goes: every line is kept in the step's log. */
export type LineSink = (line: string, stream: 'stdout' | 'stderr') => void;

export interface RunOptions {
  cwd?: string;
  /** Added to what every command finds (environment.ts); undefined takes a variable away. */
  env?: Record<string, string | undefined>;
  /** The command uses the network: it gets the proxies and certificates that this process's environment names. */
  network?: boolean;
  /** The command uses this process's terminal, so it stays in its session. */
  terminal?: boolean;
  /** What the command reads on standard input; nothing when absent. */
  input?: string | Uint8Array | Readable;
  /** Ends the command and what it started (SIGTERM, then SIGKILL after 3 s). */
  signal?: AbortSignal | undefined;
  /** What every line reads as, wherever it goes; default: as it came. */
  reword?: (line: string) => string;
  /** Called for every line as it comes. */
  onLine?: LineSink | undefined;
  /** Exit codes that are no failure; default `[0]`. */
  okCodes?: number[];
  /** Keep no more than the last `keep` lines of stdout in the result; default: all of it. */
  keep?: number;
  /**
   * A program that is not ours: its output is pipes, which it can open as /dev/stdout and /dev/stderr. Node's own are
   * sockets, at less cost.
   */
  foreign?: boolean;
  /** Where the names of pipes are for a moment; default: this machine's folder for temporary files. */
  tmp?: string;
  /** Lower the priority of the command, 0 to 19 (nice(1)). */
  nice?: number;
  /** What the command is called in an error; default: its command line. */
  title?: string;
}

export interface RunResult {
  code: number;
  stdout: string;
  /** The last 200 lines. */
  stderr: string;
}

/** A command that could not be started or that failed, with the end of what it printed. */
export class CommandError extends Dock0Error {
  readonly command: readonly string[];
  readonly code: number | undefined;
  readonly output: string;

  constructor(command: readonly string[], code: number | undefined, output: string, message: string) {
    super(message);
    this.name = 'CommandError';
    this.command = command;
    this.code = code;
    this.output = output;
  }
}

/**
 * The same error for a person who knows the command by another name: `the hook ./x failed`.
 *
 * @param why what goes behind the exit code
 */
export function failedAs(what: string, { command, code, output }: CommandError, why = ''): CommandError {
  const end = output === '' ? '' : `\n${indent(output.split('\n').slice(-MESSAGE_LINES).join('\n'))}`;
  return new CommandError(command, code, output, `${what} with exit code ${code ?? 'none'}${why}${end}`);
}

const OUTPUT_LINES = 200;
const MESSAGE_LINES = 20;
const PATIENCE_MS = 3000;
/** How long the output of a command that has ended may be silent before nobody waits for more. */
const DRAIN_MS = 200;
const DRAIN_TURNS = 4;

/** Loads what runs commands, which takes a while, while something else is waited for. */
export function expectCommands(): void {
  void import('execa');
}

/**
 * Runs a command to its end. Arguments are an array and reach the command as they are: no shell.
 *
 * The child carries a parent-death signal (setpriv(1), PR_SET_PDEATHSIG), so that it is killed even when this
 * process is killed with SIGKILL.
 *
 * @returns the exit code and what was printed
 * @throws CommandError when the command can't be started, is ended by a signal, or exits with a code not in `okCodes`
 */
export async function run(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<RunResult> {
  const { execa } = await import('execa');
  const shown = [command, ...args];
  if (findTool(command) === undefined) {
    throw new CommandError(
      shown,
      undefined,
      '',
      `${command}: no such command; \`gulp setup\` installs what is missing`,
    );
  }
  const stdout = new Tail(options.keep ?? Number.POSITIVE_INFINITY);
  const stderr = new Tail(OUTPUT_LINES);
  const both = new Tail(OUTPUT_LINES);
  const pipes = options.foreign === true ? openPipes(2, options.tmp) : [];
  const subprocess = execa('setpriv', wrap(command, args, options.nice), {
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    env: environmentFor(options.env, options.network),
    extendEnv: false,
    stdin: options.input === undefined ? 'ignore' : 'pipe',
    stdout: pipes[0]?.write ?? 'pipe',
    stderr: pipes[1]?.write ?? 'pipe',
    buffer: false,
    reject: false,
    // A process group of its own, so that an abort ends what the command started, too.
    detached: options.terminal !== true,
    ...inputOption(options.input),
  } as Options);
  closeWriteEnds(pipes);
  const streams = {
    stdout: pipes[0]?.read ?? (subprocess.stdout as Readable),
    stderr: pipes[1]?.read ?? (subprocess.stderr as Readable),
  };
  const stopWatching = endWith(subprocess, Object.values(streams), options.signal);
  const read = async (from: 'stdout' | 'stderr', tail: Tail): Promise<void> => {
    for await (const line of linesOf(streams[from])) {
      const text = options.reword?.(line) ?? line;
      tail.add(text);
      both.add(text);
      options.onLine?.(text, from);
    }
  };
  const [result] = await Promise.all([
    subprocess,
    read('stdout', stdout).catch(() => undefined),
    read('stderr', stderr).catch(() => undefined),
  ]);
  stopWatching();
  if (options.signal?.aborted) throw options.signal.reason;
  const code = result.exitCode;
  if (code === undefined || !(options.okCodes ?? [0]).includes(code)) {
    const how = code === undefined ? endedBy(result) : `exit code ${code}`;
    const end = both.text(MESSAGE_LINES);
    const line = options.title ?? shown.join(' ');
    const brief = line.length > 300 ? `${line.slice(0, 300)} …` : line;
    throw new CommandError(shown, code, both.text(), `${brief}: ${how}${end ? `\n${indent(end)}` : ''}`);
  }
  return { code, stdout: stdout.text(), stderr: stderr.text() };
}

/**
 * Ends a command, and what it started, when the signal aborts; and lets go of its output once the command itself has
 * ended: a process it left behind may hold the pipe for good.
 *
 * @returns what stops watching
 */
function endWith(
  subprocess: Pick<Subprocess, 'pid' | 'once'>,
  streams: readonly Readable[],
  signal: AbortSignal | undefined,
): () => void {
  const timers: NodeJS.Timeout[] = [];
  const abort = (): void => {
    killGroup(subprocess.pid, 'SIGTERM');
    timers.push(setTimeout(() => killGroup(subprocess.pid, 'SIGKILL'), PATIENCE_MS));
  };
  if (signal?.aborted) abort();
  signal?.addEventListener('abort', abort, { once: true });
  subprocess.once('exit', () => {
    // Counted in turns of the event loop: by the clock alone, a busy process would give up before it has read.
    let silent = 0;
    const note = (): void => {
      silent = 0;
    };
    for (const stream of streams) stream.on('data', note);
    const check = (): void => {
      if (!signal?.aborted && silent++ < DRAIN_TURNS) timers.push(setTimeout(check, DRAIN_MS / DRAIN_TURNS));
      else for (const stream of streams) stream.destroy();
    };
    check();
  });
  return () => {
    signal?.removeEventListener('abort', abort);
    for (const timer of timers) clearTimeout(timer);
  };
}

function wrap(command: string, args: readonly string[], nice: number | undefined): string[] {
  const path = findTool(command) ?? command;
  const slow = nice === undefined ? [] : ['nice', '-n', String(nice)];
  return ['--pdeathsig', 'KILL', '--', ...slow, path, ...args];
}

/** A stream of an open file is handed over as it is; anything else is piped. */
function inputOption(input: RunOptions['input']): object {
  if (input === undefined) return {};
  return typeof (input as { fd?: unknown }).fd === 'number' ? { stdin: input } : { input };
}

function endedBy(result: { signal?: string | undefined; shortMessage?: string | undefined }): string {
  return result.signal === undefined
    ? (result.shortMessage ?? 'could not be started')
    : `ended by ${result.signal}`;
}

function indent(text: string): string {
  return text
    .split('\n')
    .map((line) => `    ${line}`)
    .join('\n');
}

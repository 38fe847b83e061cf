import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readlinkSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';

export const PROJECT = resolve(__dirname, '../..');
export const FIXTURES = join(PROJECT, 'test/fixtures');

/** The cache that the tests of a run share, so that packages are installed once; a test that breaks things has its own. */
export const SHARED_CACHE = resolve(PROJECT, process.env.DOCK0_TEST_CACHE ?? '.cache/test');

export interface GulpResult {
  code: number | null;
  signal: NodeJS.Signals | null;
  /** stdout and stderr as they came. */
  output: string;
}

export interface GulpOptions {
  cwd: string;
  env?: Record<string, string>;
  /** A command in front of gulp's: `['unshare', '--net', '--']`. */
  through?: string[];
  /** Default: this project's. */
  gulpfile?: string;
}

/** Starts `gulp` as a user would, by default with this project's gulpfile, in another folder. */
export function startGulp(
  args: string[],
  { cwd, env, through = [], gulpfile = join(PROJECT, 'gulpfile.ts') }: GulpOptions,
): { child: ChildProcess; result: Promise<GulpResult> } {
  const gulp = [process.execPath, join(PROJECT, 'node_modules/gulp-cli/bin/gulp.js')];
  const words = [...through, ...gulp, '--gulpfile', gulpfile, '--cwd', cwd, ...args];
  const [command = '', ...rest] = words;
  const child = spawn(command, rest, {
    cwd,
    env: { ...process.env, DOCK0_CACHE: SHARED_CACHE, NO_COLOR: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (data: Buffer) => {
      output += data.toString();
    });
  }
  const result = new Promise<GulpResult>((done, fail) => {
    child.once('error', fail);
    child.once('close', (code, signal) => done({ code, signal, output }));
  });
  return { child, result };
}

export function gulp(args: string[], options: GulpOptions): Promise<GulpResult> {
  return startGulp(args, options).result;
}

/** The steps that ran, by what a run printed. */
export function stepsThatRan(output: string): string[] {
  return [...output.matchAll(/^(\S+) +done in /gm)].map(([, step = '']) => step).sort();
}

/** The release that a build left as the current one. */
export function currentId(cwd: string, name = 'small'): string {
  return readlinkSync(join(cwd, 'build', name, 'current')).replace('releases/', '');
}

/** A working folder for one suite, removed afterwards. It lies in the checkout, where gulp finds its
 * loader and overlayfs can be used. */
export function workFolder(): { path: (name?: string) => string } {
  let folder = '';
  before(() => {
    const parent = join(PROJECT, '.cache');
    mkdirSync(parent, { recursive: true });
    folder = mkdtempSync(join(parent, 'work-'));
  });
  after(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  return { path: (name = '') => join(folder, name) };
}

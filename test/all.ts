import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';

/**
 * Runs the fast tests and those of integration, and beside them those that boot whole hosts: a machine that boots in
 * emulation and a build leave processors free in turn. What the latter print comes when the former are through. Flags are
 * mocha's: `npm test -- --grep secret`.
 */
const PROJECT = join(__dirname, '..');
const MOCHA = join(PROJECT, 'node_modules/mocha/bin/mocha.js');

function mocha(globs: string[], env: object, stdout: 'inherit' | 'pipe'): ChildProcess {
  return spawn(process.execPath, [MOCHA, '--timeout', '3600000', ...process.argv.slice(2), ...globs], {
    cwd: PROJECT,
    env: { ...process.env, ...env },
    stdio: ['ignore', stdout, stdout],
  });
}

function ended(child: ChildProcess): Promise<boolean> {
  return new Promise((done) => child.once('close', (code) => done(code === 0)));
}

async function all(): Promise<void> {
  // A cache of their own: some tests count what is in theirs.
  const boots = mocha(['test/e2e/**/*.test.ts'], { DOCK0_TEST_CACHE: '.cache/e2e' }, 'pipe');
  const bootsPassed = ended(boots);
  const held: Buffer[] = [];
  let isHeld = true;
  for (const stream of [boots.stdout, boots.stderr])
    stream?.on('data', (data: Buffer) => {
      if (isHeld) held.push(data);
      else process.stdout.write(data);
    });
  const others = mocha(['test/unit/**/*.test.ts', 'test/integration/**/*.test.ts'], {}, 'inherit');
  const stop = (signal: NodeJS.Signals): void => {
    for (const child of [boots, others]) child.kill(signal);
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  const othersPassed = await ended(others);
  isHeld = false;
  process.stdout.write(Buffer.concat(held));
  if (!(await bootsPassed) || !othersPassed) process.exitCode = 1;
}

void all();
